package baseline

// Effect is what a change does to agents, to models or to people.
type Effect string

// The effects, in the order in which a person reads them.
const (
	// Widens: agents can do more, more people can make them, or a safeguard is gone.
	Widens Effect = "widens"
	// Steers: a model is given something else to read.
	Steers Effect = "steers"
	// Breaks: agents or people lose something.
	Breaks Effect = "breaks"
	// Undetermined stands among the effects of a comparison in which something could
	// not be compared. No change has it.
	Undetermined Effect = "undetermined"
)

// effects is a set of effects.
type effects uint8

const (
	widens effects = 1 << iota
	steers
	breaks
	undetermined
	none effects = 0
)

// names are the effects of which a set consists, in the order of the bits.
var names = []Effect{Widens, Steers, Breaks, Undetermined}

// list returns the effects of a set, each once, in the order of a report.
func (e effects) list() []Effect {
	var all []Effect
	for i, name := range names {
		if e&(1<<i) != 0 {
			all = append(all, name)
		}
	}
	return all
}

// when returns the effects if the condition holds, and none otherwise.
func (e effects) when(condition bool) effects {
	if condition {
		return e
	}
	return none
}
