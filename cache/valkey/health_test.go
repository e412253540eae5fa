package valkey

import (
	"context"
	"errors"
	"testing"
	"time"

	client "github.com/valkey-io/valkey-go"
)

// A script is a client that answers as its functions do, one for each call.
type script struct {
	client.Client
	answers []func() error
	asked   int
}

func (s *script) B() client.Builder { return client.Builder{} }

func (s *script) Do(context.Context, client.Completed) client.ValkeyResult {
	s.asked++
	if err := s.answers[s.asked-1](); err != nil {
		return client.NewErrorResult(err)
	}
	return client.ValkeyResult{}
}

// The rest goes on if the connection is lost while it is being ended, and begins with the
// tier if it was lost before.
func TestLostMeanwhile(t *testing.T) {
	tier := &Tier[int, int]{opts: Options[int, int]{Timeout: time.Second, Rest: time.Second}}
	tier.ctx, tier.stop = context.WithCancel(t.Context())
	s := &script{answers: []func() error{
		func() error { return errors.New("down") },
		func() error { tier.lost(); return nil },
		func() error { return nil },
	}}
	tier.lost()
	tier.start(s)
	for deadline := time.Now().Add(5 * time.Second); tier.Stats().Recoveries == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	tier.stop()
	tier.running.Wait()
	if st := tier.Stats(); s.asked != 3 || st.Clears != 2 || st.Recoveries != 1 || st.Resting {
		t.Errorf("asked %d times: %+v", s.asked, st)
	}
}
