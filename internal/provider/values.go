package provider

import (
	"math/big"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// float returns a number of the API as Terraform holds it.
func float(n *wirejson.Number) *big.Float {
	if n == nil {
		return nil
	}
	return n.Float()
}

// mapped returns list with each element mapped; null stays null.
func mapped[From, To any](list []From, to func(*From) To) []To {
	if list == nil {
		return nil
	}
	result := make([]To, len(list))
	for i := range list {
		result[i] = to(&list[i])
	}
	return result
}

// neverNull returns list, or the empty one in place of null.
func neverNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
