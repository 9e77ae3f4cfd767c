package tfcli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Accept plans the configuration in dir and applies the patches of each
// mcp_portal_baseline in it, all or none, so that its folder matches the portal. It
// returns how many files they change.
func (c CLI) Accept(ctx context.Context, dir string, env []string) (int, error) {
	tmp, err := os.MkdirTemp("", "")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(tmp)
	plan := filepath.Join(tmp, "drift.tfplan")
	if _, err := c.Run(ctx, dir, env, "plan", "-no-color", "-input=false", "-out="+plan); err != nil {
		return 0, err
	}
	shown, err := c.Run(ctx, dir, env, "show", "-json", plan)
	if err != nil {
		return 0, err
	}
	patches, err := patchesOf(shown)
	if err != nil || len(patches) == 0 { // which git apply calls an error
		return 0, err
	}
	apply := exec.CommandContext(ctx, "git", "apply", "-p1")
	apply.Dir, apply.Stdin = dir, strings.NewReader(strings.Join(patches, ""))
	// The same whatever repository dir is in.
	apply.Env = append(apply.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if output, err := apply.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("git apply: %w\n%s", err, output)
	}
	return len(patches), nil
}

// patchesOf returns the patches of every mcp_portal_baseline in a plan, which is
// Terraform's JSON of it.
func patchesOf(plan []byte) ([]string, error) {
	var shown struct {
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
	if err := json.Unmarshal(plan, &shown); err != nil {
		return nil, err
	}
	var patches []string
	for _, r := range shown.PriorState.Values.RootModule.Resources {
		if r.Type != "mcp_portal_baseline" {
			continue
		}
		var values struct {
			Files map[string]struct{ Patch string }
		}
		if err := json.Unmarshal(r.Values, &values); err != nil {
			return nil, err
		}
		for _, file := range values.Files {
			patches = append(patches, file.Patch)
		}
	}
	return patches, nil
}
