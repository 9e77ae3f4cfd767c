package baseline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

// maxFolder is how many bytes all files of a folder may have together, as many as a
// message from the provider to Terraform.
const maxFolder = 256 << 20

// FolderError says why a folder of accepted files cannot be used. It repeats nothing
// of a file but its format and its portal's id.
type FolderError struct {
	// File is the file's name, such as servers/github.json; empty for the folder.
	File string
	// Reason completes the sentence "the file …", or "the folder …".
	Reason string
	// Newer is true if a later version of the provider wrote the file.
	Newer bool
	// OtherPortal is true if the file is of another portal.
	OtherPortal bool
	// Outside is true if the folder is not in the directory in which Terraform runs.
	Outside bool
}

// Error names the file, and says what is wrong with it.
func (e *FolderError) Error() string {
	if e.File == "" {
		return "the folder " + e.Reason
	}
	return "the file " + e.File + " " + e.Reason
}

// Folder is the accepted files of a portal.
type Folder struct {
	// path leads to the folder from the working directory, with slashes.
	path  string
	files map[string]string
}

// ReadFolder reads the accepted files in directory, which is in workingDir, or a path
// from it. A folder that is not there is one in which nothing has been accepted. The
// errors are of type [*FolderError], or the context's.
func ReadFolder(ctx context.Context, workingDir, directory string, access bool) (*Folder, error) {
	clean, err := within(workingDir, directory)
	if err != nil {
		return nil, err
	}
	f := &Folder{path: clean, files: map[string]string{}}
	outer, err := os.OpenRoot(workingDir)
	if err != nil {
		return nil, cannotRead("", err)
	}
	defer func() { _ = outer.Close() }() // it was only read
	root, err := outer.OpenRoot(clean)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, cannotRead("", err)
	}
	defer func() { _ = root.Close() }() // it was only read

	names := []string{portalFile}
	if access {
		names = append(names, accessFile)
	}
	servers, err := listServers(root)
	if err != nil {
		return nil, err
	}
	left := int64(maxFolder)
	for _, name := range append(names, servers...) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		content, err := readFile(root, name, left)
		if errors.Is(err, fs.ErrNotExist) && !strings.HasPrefix(name, serverFolder) {
			continue
		}
		if err != nil {
			return nil, cannotRead(name, err)
		}
		if left -= int64(len(content)); left < 0 {
			return nil, &FolderError{Reason: fmt.Sprintf("holds more than %d MiB", maxFolder>>20)}
		}
		f.files[name] = content
	}
	return f, nil
}

// within returns the clean path of a folder from the working directory, which it has
// to be in: a patch is applied there.
func within(workingDir, directory string) (string, error) {
	clean := directory
	if path.IsAbs(clean) || filepath.IsAbs(clean) {
		rest, inside := relative(workingDir, clean)
		if !inside {
			return "", outside(workingDir, directory)
		}
		clean = rest
	}
	clean = path.Clean(filepath.ToSlash(clean))
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", outside(workingDir, directory)
	}
	return clean, nil
}

func outside(workingDir, directory string) error {
	return &FolderError{Outside: true, Reason: fmt.Sprintf("%s is outside of %s, in which Terraform runs: a patch could not be applied to it there", shown.Name(directory), shown.Name(workingDir))}
}

// relative returns the path from one folder to another, and whether it leads into
// it. Links on the way are followed: the working directory is often told without them.
func relative(from, to string) (string, bool) {
	for _, resolve := range []func(string) (string, error){func(p string) (string, error) { return p, nil }, filepath.EvalSymlinks} {
		resolved, err := resolve(from)
		if err != nil {
			continue
		}
		rest, err := filepath.Rel(resolved, filepath.Clean(to))
		if err == nil && rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator)) {
			return rest, true
		}
	}
	return "", false
}

func listServers(root *os.Root) ([]string, error) {
	dir, err := root.Open(strings.TrimSuffix(serverFolder, "/"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, cannotRead(serverFolder, err)
	}
	defer func() { _ = dir.Close() }() // it was only read
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, cannotRead(serverFolder, err)
	}
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".json") && !strings.HasPrefix(name, ".") {
			names = append(names, serverFolder+name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func readFile(root *os.Root, name string, limit int64) (string, error) {
	file, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		return "", err
	}
	var content strings.Builder
	content.Grow(int(min(info.Size(), limit)) + bytes.MinRead)
	_, err = io.Copy(&content, io.LimitReader(file, limit+1))
	return content.String(), err
}

// cannotRead returns the error for what the operating system refuses.
func cannotRead(name string, err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err // its path is the machine's
	}
	return &FolderError{File: name, Reason: "cannot be read: " + err.Error()}
}

// isEmpty reports whether nothing has been accepted.
func (f *Folder) isEmpty() bool { return len(f.files) == 0 }

// has reports whether there is a file of a name.
func (f *Folder) has(name string) bool {
	_, there := f.files[name]
	return there
}

// parse reads an accepted file. The errors are of type [*FolderError].
func (f *Folder) parse(name, portalID string) (*jsontree.Node, error) {
	content := f.files[name]
	wrong := func(at int, reason string) (*jsontree.Node, error) {
		line := 1 + strings.Count(content[:min(at, len(content))], "\n")
		return nil, &FolderError{File: name, Reason: "cannot be used: line " + strconv.Itoa(line) + " " + reason}
	}
	if at := conflict(content); at >= 0 {
		return wrong(at, "begins an unresolved merge conflict")
	}
	if at := jsontree.Invalid(content); at >= 0 {
		return wrong(at, "is not JSON")
	}
	root := new(jsontree.Parser).Parse(content)
	jsontree.Join(root)
	if err := checkHead(root, name, portalID); err != nil {
		return nil, err
	}
	if at, reason := checkShape(root, name); reason != "" {
		return wrong(at, reason)
	}
	return root, nil
}

// conflict returns where the first unresolved merge conflict begins, or -1.
func conflict(content string) int {
	const marker = "<<<<<<< "
	if strings.HasPrefix(content, marker) {
		return 0
	}
	if at := strings.Index(content, "\n"+marker); at >= 0 {
		return at + 1
	}
	return -1
}

// checkHead returns the error of a file that is of another format or portal.
func checkHead(root *jsontree.Node, name, portalID string) error {
	found, _ := root.Member("format").Str()
	if found != format {
		if found == "" {
			return &FolderError{File: name, Reason: "is not a file of a baseline: it has no \"format\", expected \"" + format + "\""}
		}
		family := format[:strings.LastIndexByte(format, '/')+1]
		return &FolderError{
			File: name, Newer: strings.HasPrefix(found, family),
			Reason: fmt.Sprintf("is of the format %s, expected \"%s\"", quotedShort(found), format),
		}
	}
	if found, _ := root.Member("portal_id").Str(); found != portalID {
		return &FolderError{File: name, OtherPortal: true, Reason: fmt.Sprintf("is of the portal %s, expected %s", quotedShort(found), quotedShort(portalID))}
	}
	return nil
}

// quotedShort returns text in quotes, at most 64 characters of it.
func quotedShort(text string) string {
	const most = 64
	if short := []rune(text); len(short) > most {
		return shown.Quote(string(short[:most])) + "…"
	}
	return shown.Quote(text)
}

// shapes are the members that a file may have, with the kind of each.
var shapes = map[string]map[string]jsontree.Kind{
	portalFile: {"format": jsontree.String, "portal_id": jsontree.String, "portal": jsontree.Object},
	accessFile: {"format": jsontree.String, "portal_id": jsontree.String, "access": jsontree.Object},
	serverFolder: {
		"format": jsontree.String, "portal_id": jsontree.String, "server": jsontree.Object,
		"tools": jsontree.Object, "unnamed_tools": jsontree.List,
		"prompts": jsontree.Object, "unnamed_prompts": jsontree.List,
		"unmatched_overrides": jsontree.Object,
	},
	"unmatched_overrides": {"tools": jsontree.Object, "prompts": jsontree.Object},
	"entry":               {"definition": 0, "enabled": jsontree.True, "exposed_as": jsontree.String, "override": 0},
}

// checkShape returns where a file is not what its format says, and how; no reason if
// it is.
func checkShape(root *jsontree.Node, name string) (at int, reason string) {
	shape := shapes[name]
	if shape == nil {
		shape = shapes[serverFolder]
	}
	if at, reason = checkObject(root, shape); reason != "" {
		return at, reason
	}
	if at, reason = checkTwins(root, "file"); reason != "" || !strings.HasPrefix(name, serverFolder) {
		return at, reason
	}
	server := root.Member("server")
	id, _ := server.Member("server_id").Str()
	if file := serverFile(id); name != file && !strings.HasPrefix(name, strings.TrimSuffix(file, ".json")+"%") {
		at := root.Pos
		if server != nil {
			at = server.Pos
		}
		return int(at), "is the file of another server, by its server_id"
	}
	for _, k := range kinds {
		for _, list := range [][]jsontree.Node{root.Member(k.list).Members(), root.Member("unnamed_" + k.list).Elements()} {
			for i := range list {
				if at, reason = checkEntries(&list[i]); reason != "" {
					return at, reason
				}
			}
		}
	}
	if unmatched := root.Member("unmatched_overrides"); unmatched != nil {
		return checkObject(unmatched, shapes["unmatched_overrides"])
	}
	return 0, ""
}

func checkEntries(n *jsontree.Node) (at int, reason string) {
	if n.Kind != jsontree.List {
		return checkEntry(n)
	}
	for i := range n.Items {
		if at, reason = checkEntry(&n.Items[i]); reason != "" {
			return at, reason
		}
	}
	return 0, ""
}

func checkEntry(n *jsontree.Node) (at int, reason string) {
	if at, reason = checkObject(n, shapes["entry"]); reason != "" {
		return at, reason
	}
	for _, needed := range []string{"enabled", "definition"} {
		if n.Member(needed) == nil {
			return int(n.Pos), "has no " + needed
		}
	}
	return 0, ""
}

// checkObject checks that a node is an object that has the members of a shape alone,
// each of its kind; 0 is any.
func checkObject(n *jsontree.Node, shape map[string]jsontree.Kind) (at int, reason string) {
	if n.Kind != jsontree.Object {
		return int(n.Pos), "holds a value of the wrong type"
	}
	for i := range n.Items {
		m := &n.Items[i]
		kind, ok := shape[m.Name()]
		if !ok {
			return int(m.Pos), "has a key that no file of a baseline has there"
		}
		found := m.Kind
		if found == jsontree.False {
			found = jsontree.True
		}
		// A list that is not known is null.
		isUnknown := found == jsontree.Null && (m.Key == `"tools"` || m.Key == `"prompts"`)
		if kind != 0 && found != kind && !isUnknown {
			return int(m.Pos), "holds a value of the wrong type"
		}
	}
	return 0, ""
}

// parts says what stands in the parts of a file: under a name, or, under *, under any.
// Objects of the table have their fields there.
var parts = map[string]map[string]string{
	"file": {
		"portal": "portal", "server": "server", "unmatched_overrides": "unmatched", "access": "access",
		"tools": "entries", "prompts": "entries", "unnamed_tools": "entry", "unnamed_prompts": "entry",
	},
	"entries":   {"*": "entry"},
	"entry":     {"definition": "definition", "override": "override"},
	"unmatched": {"*": "overrides"},
	"overrides": {"*": "override"},
	"access":    {"applications": "applications", "groups": "groups", "identity_providers": "identity_providers", "reach": "reach"},

	"applications": {"*": "application"}, "groups": {"*": "group"}, "identity_providers": {"*": "identity_provider"}, "reach": {"*": "reach of"},
}

// checkTwins checks that no key stands twice in a part of a file. Within a definition,
// and a field that the table does not know, the API may give such an object.
func checkTwins(n *jsontree.Node, part string) (at int, reason string) {
	if twin := n.Twin(); twin != nil {
		return int(twin.Pos), "has a key for the second time"
	}
	for i := range n.Items {
		inner := part // of an element; of a member, what the part has there
		if n.Kind != jsontree.List {
			name := n.Items[i].Name()
			inner = cmp.Or(parts[part][name], parts[part]["*"], table[part][name].object)
		}
		if inner == "" {
			continue
		}
		if at, reason = checkTwins(&n.Items[i], inner); reason != "" {
			return at, reason
		}
	}
	return 0, ""
}
