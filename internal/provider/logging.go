package provider

import (
	"context"
	"log/slog"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// newLogger returns the logger of the client: what it says goes to Terraform's
// log of the request that the context belongs to.
func newLogger() *slog.Logger { return slog.New(logHandler{}) }

// logHandler hands records on to tflog, which decides by TF_LOG what is written.
type logHandler struct{ attributes []slog.Attr }

// Enabled is always true: tflog knows the level.
func (logHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes a record.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := make(map[string]any, record.NumAttrs()+len(h.attributes))
	for _, a := range h.attributes {
		fields[a.Key] = a.Value.Resolve().Any()
	}
	record.Attrs(func(a slog.Attr) bool {
		fields[a.Key] = a.Value.Resolve().Any()
		return true
	})
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, record.Message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, record.Message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, record.Message, fields)
	default:
		tflog.Debug(ctx, record.Message, fields)
	}
	return nil
}

// WithAttrs returns a handler that adds attributes to each record.
func (h logHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return logHandler{append(slices.Clip(h.attributes), attributes...)}
}

// WithGroup returns the handler itself: tflog's fields are flat.
func (h logHandler) WithGroup(string) slog.Handler { return h }

// masked returns a context whose log never shows a secret. The client takes secrets
// out of what the API says. This is for what it doesn't look at, such as a token that
// somebody gave as the id of an account, and for what a library may log.
func masked(ctx context.Context, secrets []string) context.Context {
	if len(secrets) == 0 {
		return ctx
	}
	return tflog.MaskLogStrings(ctx, secrets...)
}
