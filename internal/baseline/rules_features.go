package baseline

// Of a tool or prompt that is on before and after, any difference in what a client is
// given steers. What the rules here say comes in addition: see [judge.feature].

// kind is tools or prompts, with the rules that judge either.
type kind struct {
	list   string // the member of a file, and of an answer
	noun   string
	object string // the name of the definition's object in the table

	added, removed, renamed, enabled, exposedAs, nameTaken, description, other *Rule
}

// The two kinds.
var (
	tools   = newKind("tool", "its title, its output schema, `_meta`")
	prompts = newKind("prompt", "its title, its arguments, `_meta`")
	kinds   = []*kind{tools, prompts}
)

func newKind(noun, others string) *kind {
	return &kind{
		list: noun + "s", noun: noun, object: noun,
		added: &Rule{
			ID: noun + "_added", can: widens, say: sayFeatureAdded,
			Sentence: "A " + noun + " appeared, and is on.",
		},
		removed: &Rule{
			ID: noun + "_removed", can: breaks, say: sayFeatureRemoved,
			Sentence: "A " + noun + " that was on is gone.",
		},
		renamed: &Rule{
			ID: noun + "_renamed", can: widens | steers | breaks, say: sayFeatureRenamed,
			Sentence: "A " + noun + " is gone, and a new one has the same content: its server renamed it. It steers and breaks; it widens if it was off and is on, because its override did not follow it.",
		},
		enabled: &Rule{
			ID: noun + "_enabled", can: widens | breaks, say: sayFeatureEnabled,
			Sentence: "A " + noun + " was turned on, which widens, or off, which breaks.",
		},
		exposedAs: &Rule{
			ID: noun + "_exposed_as", can: steers | breaks, say: sayFeatureExposedAs,
			Sentence: "Clients see a " + noun + " under another name.",
		},
		nameTaken: &Rule{
			ID: noun + "_name_taken", can: widens, say: sayFeatureNameTaken, means: "a call meant for one may reach the other",
			Sentence: "A " + noun + " took the name under which clients knew another one, or two share one name now.",
		},
		description: &Rule{
			ID: noun + "_description", can: steers,
			Sentence: "The description that clients are given of a " + noun + " changed: the server's own, or that of an override.",
		},
		other: &Rule{
			ID: noun + "_field", can: steers,
			Sentence: "Any other field of a " + noun + " changed, known to this provider or not: " + others + ".",
		},
	}
}

// rules returns the rules that judge the kind.
func (k *kind) rules() []*Rule {
	return []*Rule{k.added, k.removed, k.renamed, k.enabled, k.exposedAs, k.nameTaken, k.description, k.other}
}

// place returns the place of the tool, or prompt, of a name.
func (k *kind) place(server place, name string) place {
	if k.noun == "prompt" {
		server.prompt = &name
	} else {
		server.tool = &name
	}
	return server
}

// Rules of fields that only tools have.
var (
	toolReadOnly = &Rule{
		ID: "tool_read_only", can: widens | steers, means: "no longer declared read-only",
		Sentence: "A tool's `readOnlyHint` changed. It widens if it is no longer true.",
		judge: func(d *difference) effects {
			was, is := d.entries[0].hints(), d.entries[1].hints()
			return widens.when(was.readOnly && !is.readOnly || !was.destructive && is.destructive)
		},
	}
	toolDestructive = &Rule{
		ID: "tool_destructive", can: widens | steers, means: "it counts as destructive now",
		Sentence: "A tool's `destructiveHint` changed. It widens if the tool counts as destructive now: declared so, or by MCP's default.",
		judge: func(d *difference) effects {
			return widens.when(!d.entries[0].hints().destructive && d.entries[1].hints().destructive)
		},
	}
	toolOpenWorld = &Rule{
		ID: "tool_open_world", can: widens | steers, means: "no longer declared to stay within its own system",
		Sentence: "A tool's `openWorldHint` changed. It widens if the tool counts as open-world now: declared so, or by MCP's default.",
		judge: func(d *difference) effects {
			return widens.when(!d.entries[0].hints().openWorld && d.entries[1].hints().openWorld)
		},
	}
	toolAnnotations = &Rule{
		ID: "tool_annotations", can: widens | steers,
		Sentence: "The `annotations` of a tool changed as a whole, or in another field. It widens if the tool counts as less safe now.",
		judge: func(d *difference) effects {
			was, is := d.entries[0].hints(), d.entries[1].hints()
			return widens.when(len(d.rest) == 0 && (was.readOnly && !is.readOnly || !was.destructive && is.destructive || !was.openWorld && is.openWorld))
		},
	}
	toolInputSchema = &Rule{
		ID: "tool_input_schema", can: widens | steers | breaks,
		Sentence: "A tool's input schema changed. It widens if the schema may accept more arguments or values, and breaks if it may accept fewer; it has neither effect only where that is proven.",
		judge:    func(d *difference) effects { return widens.when(d.more) | breaks.when(d.less) },
	}
)

// Rules of overrides.
var (
	overridesContradict = &Rule{
		ID: "overrides_contradict", can: widens, means: "Cloudflare does not document which one counts: this provider takes it for on",
		Sentence: "Overrides of one tool or prompt contradict each other on whether it is on, and did not before.",
	}
	severalOverrides = &Rule{
		ID: "overrides", can: widens, judge: judgeOverrides,
		Sentence: "A tool or prompt has, or had, several overrides, and one changed. It widens if a field changed that this provider does not know; what the others do is listed by itself.",
	}
	overrideUnmatched = &Rule{
		ID: "override_unmatched", can: widens, say: sayUnmatched, judge: judgeUnmatched,
		Sentence: "An override of a tool or prompt that its server does not have changed. It widens if it turns on what appears under that name, or if a field that this provider does not know changed in it.",
	}
)
