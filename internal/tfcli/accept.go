package tfcli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Accept plans the configuration in dir and applies the patches of each
// mcp_portal_baseline in it, all or none, so that its folder says what the portal
// is now. It returns how many files they change.
func (c CLI) Accept(ctx context.Context, dir string, env []string) (int, error) {
	plan, err := os.CreateTemp("", "*.tfplan")
	if err != nil {
		return 0, err
	}
	defer os.Remove(plan.Name())
	if err := plan.Close(); err != nil {
		return 0, err
	}
	if output, err := c.Command(ctx, dir, env, "plan", "-no-color", "-input=false", "-out="+plan.Name()).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("plan: %w\n%s", err, output)
	}
	shown, err := c.Command(ctx, dir, env, "show", "-json", plan.Name()).Output()
	if err != nil {
		return 0, fmt.Errorf("show: %w", err)
	}
	patches, err := patchesOf(shown)
	if err != nil {
		return 0, fmt.Errorf("the plan: %w", err)
	}
	if len(patches) == 0 {
		return 0, nil // which git apply calls an error
	}
	apply := exec.CommandContext(ctx, "git", "apply", "-p1")
	apply.Dir, apply.Stdin = dir, strings.NewReader(strings.Join(patches, ""))
	// Whatever repository dir is in.
	apply.Env = append(apply.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if output, err := apply.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("git apply: %w\n%s", err, output)
	}
	return len(patches), nil
}

// patchesOf returns the patches of every mcp_portal_baseline in a plan.
func patchesOf(plan []byte) ([]string, error) {
	var read struct {
		PriorState struct {
			Values struct {
				RootModule struct {
					Resources []struct {
						Type   string
						Values json.RawMessage
					}
				} `json:"root_module"`
			}
		} `json:"prior_state"`
	}
	if err := json.Unmarshal(plan, &read); err != nil {
		return nil, err
	}
	var patches []string
	for _, resource := range read.PriorState.Values.RootModule.Resources {
		if resource.Type != "mcp_portal_baseline" {
			continue
		}
		var baseline struct {
			Files map[string]struct{ Patch string }
		}
		if err := json.Unmarshal(resource.Values, &baseline); err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(baseline.Files)) {
			patches = append(patches, baseline.Files[name].Patch)
		}
	}
	return patches, nil
}
