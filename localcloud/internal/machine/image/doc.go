// Package image is what a machine image brings: the commands that user-data
// expects on PATH and that no package manager of the host provides.
//
// They are all one executable, the daemon's own, told apart by the name it
// is called by: `systemctl` asks the instance's init, `aws` copies objects,
// reads secrets and completes lifecycle actions, over the network like the real
// one. Main also recognises the
// two words by which package machine and package supervisor run the same
// executable: `init DIR` and `exec-unit COMMAND`.
//
// A command, option or argument that is not understood is refused by name
// with the exit code of the real program, never passed over.
package image
