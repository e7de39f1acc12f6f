// Several processes of one command on this machine.
#pragma once

namespace clef {

// Starts this program `count` times with the same arguments and the environment that
// rank_environment() reads (torchrun's), meeting on the loopback, and waits for all. When one
// fails, the others are asked to end; SIGINT and SIGTERM are passed on. Ends this process with the
// first failure's exit code; returns when all are done. RunError when one cannot be started.
void start_processes(int count);

}  // namespace clef
