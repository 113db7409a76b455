package interview

import "applicreations.com/introspect/internal/store"

// Store is where the sessions are.
func (s *Service) Store() *store.Store { return s.st }

// Rest waits until nobody asks the advisor any more.
func (s *Service) Rest() { s.counsel.running.Wait() }

// Waiting is how many pieces of late advice wait in memory for their clients.
func (s *Service) Waiting() int {
	s.counsel.mu.Lock()
	defer s.counsel.mu.Unlock()
	return len(s.counsel.late)
}
