// Package fastread writes the state of a data source fast.
//
// Why it exists: terraform-plugin-framework converts the model that a data source
// passes to State.Set into framework values, those into tftypes values, and those into
// MessagePack. On the way it visits everything twice more: once for semantic equality,
// which no type here defines, and once for null blocks, resolving the path of every null
// value through the schema, although the schema has no blocks. A portal of four thousand
// tools took seconds that way, and takes milliseconds this way.
//
// How it works: [Wrap] puts a place for the answer into the context and lets the
// framework serve the request: configuration, validation, diagnostics, deferral and
// errors are the framework's own. Only the state bypasses it: [SetState] writes the model
// to MessagePack and leaves the framework's state as small as the configuration. Without
// Wrap, SetState is State.Set, so that a test can compare both answers byte for byte.
//
// When to remove it: when `make bench` shows that the framework takes less than twice as
// long ("framework/served") for every size. Then replace SetState with State.Set and
// serve the framework's server itself; nothing else uses this package.
package fastread

import (
	"bytes"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// maxState is the size of the largest state, in bytes: a message from a provider to
// Terraform may have 256 MiB (terraform-plugin-go, tf6server), and the rest of the
// message needs a little of that.
const maxState = 255 << 20

// Wrap returns a server that answers like inner, except that the state of a data source
// that calls [SetState] does not pass through the framework.
func Wrap(inner tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	return server{inner}
}

type server struct{ tfprotov6.ProviderServer }

type answerKey struct{}

// answer is where SetState leaves a state for the request it is serving.
type answer struct{ state []byte }

// ReadDataSource lets the framework answer. If the data source has called [SetState],
// that state replaces the framework's.
func (s server) ReadDataSource(ctx context.Context, request *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var a answer
	response, err := s.ProviderServer.ReadDataSource(context.WithValue(ctx, answerKey{}, &a), request)
	if response != nil && a.state != nil {
		response.State = &tfprotov6.DynamicValue{MsgPack: a.state}
	}
	return response, err
}

// SetState sets the state to model, a pointer to a struct with a tfsdk tag for each
// attribute of the schema. A data source calls it last, and appends the result to the
// response's diagnostics. No error may follow, because the state would be returned all
// the same.
func SetState(ctx context.Context, state *tfsdk.State, model any) diag.Diagnostics {
	a, ok := ctx.Value(answerKey{}).(*answer)
	if !ok {
		return state.Set(ctx, model)
	}
	encoded, err := marshal(ctx, model, maxState)
	switch {
	case ctx.Err() != nil:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Time ran out while reading", "The object was read, but the time for reading ended before its state was written. Give it more time with timeouts = { read = \"…\" }.")}
	case err != nil:
		return diag.Diagnostics{diag.NewErrorDiagnostic("The state cannot be handed to Terraform", "The object was read, but its state cannot be handed to Terraform: "+err.Error()+".")}
	}
	a.state = encoded
	return nil
}

// Marshal returns model, a pointer to a struct as for [SetState], as MessagePack in the
// form of Terraform's protocol: see [encoderOf].
func Marshal(model any) ([]byte, error) { return marshal(context.Background(), model, maxState) }

// marshal is Marshal, until ctx ends or the state has more than limit bytes.
func marshal(ctx context.Context, model any, limit int) ([]byte, error) {
	var buffer bytes.Buffer
	w := &writer{Encoder: msgpack.NewEncoder(&buffer), buffer: &buffer, ctx: ctx, limit: limit}
	err := w.encode(model)
	if err == nil {
		err = w.proceed() // the last object may exceed the limit too
	}
	if err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}
