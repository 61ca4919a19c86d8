// The two Go libraries behind one pair of functions, each used as its own documentation shows.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bsm/redislock"
	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/redis/go-redis/v9"
)

// A lock as one client sees it. Neither call is used by two goroutines at once.
type lock interface {
	// Waits until the lock is taken, however long; once when wait is false.
	take(wait bool) (bool, error)
	// False: it was no longer the client's.
	give() (bool, error)
}

// A connection of the client's own.
func connect(port string) *redis.Client {
	return redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port, PoolSize: 1})
}

func newLock(library string, to *redis.Client, name string, ttl time.Duration) (lock, error) {
	switch library {
	case "redsync":
		pool := goredis.NewPool(to)
		return &redsyncLock{redsync.New(pool).NewMutex(name, redsync.WithExpiry(ttl))}, nil
	case "redislock":
		return &bsmLock{client: redislock.New(to), name: name, ttl: ttl}, nil
	}
	return nil, fmt.Errorf("no lock %q here; there are redsync and redislock", library)
}

// Its own tries and delays: 32 tries, 50 to 250 ms between them.
type redsyncLock struct{ mutex *redsync.Mutex }

func (l *redsyncLock) take(wait bool) (bool, error) {
	for {
		err := l.mutex.TryLock
		if wait {
			err = l.mutex.Lock
		}
		failed := err()
		var taken *redsync.ErrTaken
		busy := errors.As(failed, &taken) || errors.Is(failed, redsync.ErrFailed)
		if failed != nil && !busy {
			return false, failed
		}
		if failed == nil || !wait {
			return failed == nil, nil
		}
	}
}

func (l *redsyncLock) give() (bool, error) {
	ours, err := l.mutex.Unlock()
	var taken *redsync.ErrTaken
	if errors.Is(err, redsync.ErrLockAlreadyExpired) || errors.As(err, &taken) {
		return false, nil
	}
	return ours, err
}

// Its default is no second try; waiting is the 100 ms between tries of its example.
type bsmLock struct {
	client *redislock.Client
	name   string
	ttl    time.Duration
	held   *redislock.Lock
}

func (l *bsmLock) take(wait bool) (bool, error) {
	options := &redislock.Options{}
	if wait {
		options.RetryStrategy = redislock.LinearBackoff(100 * time.Millisecond)
	}
	for {
		held, err := l.client.Obtain(context.Background(), l.name, l.ttl, options)
		if err == nil {
			l.held = held
			return true, nil
		}
		busy := errors.Is(err, redislock.ErrNotObtained) || errors.Is(err, context.DeadlineExceeded)
		if !busy || !wait {
			if busy {
				err = nil
			}
			return false, err
		}
	}
}

func (l *bsmLock) give() (bool, error) {
	err := l.held.Release(context.Background())
	if errors.Is(err, redislock.ErrLockNotHeld) {
		return false, nil
	}
	return err == nil, err
}
