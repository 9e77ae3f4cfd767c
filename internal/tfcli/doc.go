// Package tfcli decides which CLI, Terraform or OpenTofu, serves the tests, the
// demo and the documentation generator, and gives that CLI a provider to
// install without a registry and without a network.
//
// [Find] looks for a CLI in this order:
//
//  1. the one that the environment variable [EnvCLI] names;
//  2. terraform on the PATH;
//  3. tofu on the PATH;
//  4. the OpenTofu that tools/opentofu/go.mod pins, built from source by the Go
//     toolchain and kept under .cache at the repository's root.
//
// [NewMirror] lays a built provider out as a filesystem mirror, under the names
// that it has for either CLI.
package tfcli
