// Package loadrunner is the place of the load runner and the drills. Nothing of
// it is written yet.
package loadrunner
