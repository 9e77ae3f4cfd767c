// Package examples holds the tests that run everything under examples/ with a
// real CLI against the stand-in of the API, in its passing and its failing form.
package examples
