package baseline

import "context"

// clock ends the work when the time for it is over. The work is many calls deep, and
// most of it can't fail otherwise: so tick panics, and whoever began the work defers
// returned.
type clock struct {
	ctx   context.Context
	count int
}

// stop is what tick panics with.
type stop struct{ err error }

// tick is to be called often: for all that takes a microsecond.
func (c *clock) tick() {
	if c.count++; c.count&0xff == 0 {
		c.look()
	}
}

// look is tick for what takes longer.
func (c *clock) look() {
	if err := c.ctx.Err(); err != nil {
		panic(stop{err})
	}
}

// returned makes an error of what tick panicked with.
func returned(err *error) {
	switch r := recover().(type) {
	case nil:
	case stop:
		*err = r.err
	default:
		panic(r)
	}
}
