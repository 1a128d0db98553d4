package machine

import (
	"net"
	"testing"
)

// The two ways to find a socket agree.
func TestKernelAndTablesAgree(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer dialled.Close()
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	near, _ := addrPort(dialled.LocalAddr())
	far, _ := addrPort(dialled.RemoteAddr())
	read, err := searchTables(near, far)
	if err != nil || read.inode == "0" {
		t.Fatalf("socket of %s in the table: got %+v, %v", near, read, err)
	}
	if asked, err := askKernel(near, far); err == nil && asked != read { // an error: the kernel is built without
		t.Errorf("socket of %s: the kernel says %+v, the table %+v", near, asked, read)
	}
	if found, err := findSocket(near, far); err != nil || found != read {
		t.Errorf("socket of %s: got %+v, %v; want %+v", near, found, err, read)
	}
	if other, err := findSocket(far, near); err != nil || other.inode == read.inode {
		t.Errorf("the other end: got %+v, %v; want another socket than %+v", other, err, read)
	}
	dialled.Close()
	accepted.Close()
	if found, err := findSocket(near, far); err == nil {
		t.Errorf("found %+v after the end of the connection", found)
	}
}

func BenchmarkPeer(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	dialled, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer dialled.Close()
	accepted, err := listener.Accept()
	if err != nil {
		b.Fatal(err)
	}
	defer accepted.Close()
	for b.Loop() {
		if _, _, err := Peer(accepted); err != nil {
			b.Fatal(err)
		}
	}
}
