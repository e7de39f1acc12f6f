// How the process treats memory that it gives back and soon wants again.
#pragma once

namespace clef {

// Keeps up to 256 MiB of freed memory instead of handing it back to the kernel after every
// recording: the kernel clears each page it hands out, which costs more than decoding what goes
// into it. For programs, at their start; a library leaves this choice to its program.
void keep_freed_memory();

}  // namespace clef
