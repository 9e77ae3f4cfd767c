package tfcli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"
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
	patches := patchesOf(shown)
	if len(patches) == 0 {
		return 0, nil // which git apply calls an error
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

// patchesOf returns the patches of every mcp_portal_baseline in a plan.
func patchesOf(plan []byte) []string {
	var patches []string
	baselines := gjson.GetBytes(plan, `prior_state.values.root_module.resources.#(type=="mcp_portal_baseline")#.values.files`)
	for _, files := range baselines.Array() {
		files.ForEach(func(_, file gjson.Result) bool {
			patches = append(patches, file.Get("patch").String())
			return true
		})
	}
	return patches
}
