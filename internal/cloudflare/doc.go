// Package cloudflare reads MCP server portals and MCP servers from
// Cloudflare's API (https://developers.cloudflare.com/api/, Zero Trust,
// "AI Controls"). It knows nothing of Terraform.
//
// Answers travel one way: the bytes of a body, checked by the envelope, become
// the wire types [Portal] and [Server]. Nothing that the API returned is lost
// on the way: what a type has no field for is kept as JSON text in its Extra.
package cloudflare
