package provider

import (
	"context"
	"log/slog"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// newLogger returns the logger of the client. Its records go to Terraform's log of
// the request that the context belongs to. The client removes secrets from them.
// tflog.MaskLogStrings must not do it: with it, every call of tflog writes to a map
// that all calls with that context share, so two requests at the same time crash the
// provider.
func newLogger() *slog.Logger { return slog.New(logHandler{}) }

// logHandler passes records to tflog. TF_LOG decides which of them are written.
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
