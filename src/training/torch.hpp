// The one door to libtorch, 1.13 (Debian 12) to 2.x: include this, never <torch/…> elsewhere. Keep
// it out of headers that the commands include; it costs seconds per translation unit.
#pragma once

// clang in C++20 mode needs this before torch.h with 1.13.
#include <ATen/core/ivalue.h>
// The order is the point.
#include <torch/torch.h>
