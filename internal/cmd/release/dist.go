package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const project = "terraform-provider-mcp"

// platforms are those of a release.
var platforms = []string{
	"darwin_amd64", "darwin_arm64",
	"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
	"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
	"windows_386", "windows_amd64", "windows_arm64",
}

// dist is a folder as goreleaser leaves it, or with the files of a release.
type dist struct {
	dir      string
	version  string            // without "v"
	zips     map[string]string // by platform, such as linux_amd64: the file's name
	sums     map[string]string // of SHA256SUMS, by file name
	manifest string            // path of the manifest
}

var sumsName = regexp.MustCompile(`^` + project + `_(.+)_SHA256SUMS$`)

// readDist finds out what there is in dir. The manifest is the file given where
// dir has none: goreleaser gives it its name only when it uploads it.
func readDist(dir, manifest string) (*dist, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	d := &dist{dir: dir, zips: map[string]string{}, manifest: manifest}
	for _, entry := range entries {
		if match := sumsName.FindStringSubmatch(entry.Name()); match != nil {
			if d.version != "" {
				return nil, errors.New("more than one SHA256SUMS")
			}
			d.version = match[1]
		}
	}
	if d.version == "" {
		return nil, fmt.Errorf("no %s_VERSION_SHA256SUMS in %s", project, dir)
	}
	for _, entry := range entries {
		if entry.Name() == d.prefix()+"manifest.json" {
			d.manifest = filepath.Join(dir, entry.Name())
		}
		rest, isZip := strings.CutSuffix(entry.Name(), ".zip")
		if !isZip {
			continue
		}
		platform, ok := strings.CutPrefix(rest, d.prefix())
		if !ok || strings.Count(platform, "_") != 1 {
			return nil, fmt.Errorf("%s: the registries want %sOS_ARCH.zip", entry.Name(), d.prefix())
		}
		d.zips[platform] = entry.Name()
	}
	if d.sums, err = readSums(filepath.Join(dir, d.prefix()+"SHA256SUMS")); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *dist) prefix() string { return project + "_" + d.version + "_" }

func readSums(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok || len(sum) != 2*sha256.Size {
			return nil, fmt.Errorf("%s: the line %q is not a checksum with a name", path, lines.Text())
		}
		sums[name] = sum
	}
	return sums, nil
}

// check holds the folder against what the registries of Terraform and OpenTofu expect.
func (d *dist) check() error {
	if len(d.zips) == 0 {
		return fmt.Errorf("no zip in %s", d.dir)
	}
	expected := map[string]string{d.prefix() + "manifest.json": d.manifest}
	for platform, name := range d.zips {
		expected[name] = filepath.Join(d.dir, name)
		if err := d.checkZip(platform, expected[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, path := range expected {
		if err := checkSum(path, d.sums[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name := range d.sums {
		if expected[name] == "" {
			return fmt.Errorf("SHA256SUMS names %s: it should name the zips and the manifest alone", name)
		}
	}
	return checkManifest(d.manifest)
}

func checkSum(path, want string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	switch got := hex.EncodeToString(sum[:]); want {
	case got:
		return nil
	case "":
		return errors.New("SHA256SUMS does not name it")
	default:
		return fmt.Errorf("SHA256SUMS says %s, and it is %s", want, got)
	}
}

// executable returns the name by which the CLIs look for the provider in a zip.
func (d *dist) executable(platform string) string {
	name := project + "_v" + d.version
	if strings.HasPrefix(platform, "windows_") {
		name += ".exe"
	}
	return name
}

func (d *dist) checkZip(platform, path string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	var names []string
	for _, file := range archive.File {
		names = append(names, file.Name)
		if file.Name == d.executable(platform) && file.Mode().Perm() != 0o755 {
			return fmt.Errorf("%s has the mode %s", file.Name, file.Mode())
		}
	}
	slices.Sort(names)
	if want := []string{"LICENSE", d.executable(platform)}; !slices.Equal(names, want) {
		return fmt.Errorf("it holds %q, and should hold %q", names, want)
	}
	return nil
}

func checkManifest(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var manifest struct {
		Version  int
		Metadata struct {
			Protocols []string `json:"protocol_versions"`
		}
	}
	if err := json.Unmarshal(content, &manifest); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	// The protocol that main.go serves.
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.Protocols, []string{"6.0"}) {
		return fmt.Errorf("%s: want version 1 with protocol 6.0", path)
	}
	return nil
}

// checkComplete checks that the folder holds the files of a whole release and no
// others, as they were uploaded, with a good signature.
func (d *dist) checkComplete(ctx context.Context) error {
	sums := d.prefix() + "SHA256SUMS"
	want := []string{sums, sums + ".sig", d.prefix() + "manifest.json"}
	for _, platform := range platforms {
		zipped := d.prefix() + platform + ".zip"
		want = append(want, zipped, zipped+".sbom.json")
	}
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		at := slices.Index(want, entry.Name())
		if at < 0 {
			return fmt.Errorf("%s does not belong to a release", entry.Name())
		}
		want = slices.Delete(want, at, at+1)
	}
	if len(want) > 0 {
		return fmt.Errorf("not there: %s", strings.Join(want, ", "))
	}
	signed := filepath.Join(d.dir, sums)
	output, err := exec.CommandContext(ctx, "gpg", "--batch", "--verify", signed+".sig", signed).CombinedOutput()
	if err != nil {
		return fmt.Errorf("gpg --verify: %w\n%s", err, output)
	}
	return nil
}
