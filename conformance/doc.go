// Package conformance holds the provider against Cloudflare's official Go SDK:
// both read the stand-in for the API and have to agree on every value, and what
// the SDK's types know of portals and servers has to be an attribute of the
// provider, or to be left to extra on purpose.
//
// It is a module of its own, so that the provider doesn't depend on the SDK,
// which is large and takes minutes to build. `make conformance` runs it. When
// the SDK's version in go.mod is raised and Cloudflare's API has grown, its
// failure names the new field.
package conformance
