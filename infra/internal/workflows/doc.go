// Package workflows holds the tests of .github/workflows and of the scripts
// that they run.
//
// Whether a workflow is valid is for actionlint to say, in `make lint`. The
// tests here hold what it does not know: that actions are pinned, that there
// are no stored keys, that every step of shell is a script, and that the
// scripts do what they say when the commands that they call are scripted. What
// GitHub and the clouds then make of it is not tested.
package workflows
