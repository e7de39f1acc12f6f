// The door to libtorch's process groups, 1.13 (Debian 12) to 2.x, as torch.hpp is to the rest:
// where the two differ, it is said here and nowhere else.
#pragma once

#include <chrono>
#include <string>

#include "training/torch.hpp"
// torch.hpp comes first.
#include <torch/version.h>

// The headers hide a transport unless told that libtorch was built with it; a libtorch that is not
// found by CMake's own way does not say so.
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO
#endif

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#ifdef CLEF_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace clef {

// A transport derives from c10d::ProcessGroup in 1.13 and from c10d::Backend in 2.x; the calls are
// the same.
#if TORCH_VERSION_MAJOR >= 2
using PeerGroup = c10d::Backend;
#else
using PeerGroup = c10d::ProcessGroup;
#endif
using GlooGroup = c10d::ProcessGroupGloo;

inline c10::intrusive_ptr<c10d::Store> meeting_place(const std::string& address, std::uint16_t port,
                                                     bool here, int size,
                                                     std::chrono::milliseconds patience) {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = here;
    options.numWorkers = static_cast<std::size_t>(size);
    options.timeout = patience;
#if TORCH_VERSION_MAJOR >= 2
    options.useLibUV = false;  // Debian builds libtorch without it
#endif
    return c10::make_intrusive<c10d::TCPStore>(address, options);
}

// interface: a network device's name, or nullptr: the loopback when all meet there, else the one
// that this machine's name resolves to.
inline c10::intrusive_ptr<GlooGroup> gloo_group(const c10::intrusive_ptr<c10d::Store>& store,
                                                int rank, int size, const std::string& address,
                                                const char* interface,
                                                std::chrono::milliseconds patience) {
    auto options = GlooGroup::Options::create(patience);
    if (interface != nullptr) {
        options->devices.push_back(GlooGroup::createDeviceForInterface(interface));
    } else if (address == "127.0.0.1" || address == "localhost") {
        options->devices.push_back(GlooGroup::createDeviceForHostname("127.0.0.1"));
    } else {
        options->devices.push_back(GlooGroup::createDefaultDevice());
    }
    return c10::make_intrusive<GlooGroup>(store, rank, size, options);
}

#ifdef CLEF_NCCL
inline c10::intrusive_ptr<PeerGroup> nccl_group(const c10::intrusive_ptr<c10d::Store>& store,
                                                int rank, int size,
                                                std::chrono::milliseconds patience) {
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = patience;
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
}
#endif

}  // namespace clef
