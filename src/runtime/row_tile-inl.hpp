// The loops of row_convolution.cpp for one kind of arithmetic, included there within a namespace:
// once for all instruction sets, and again where the compiler is told of further instructions.
//
// ARITHMETIC: Weights and Input (four bytes in each lane, made ready), Sum, and
//   static Sum zero(), Weights weights(VI), Input input(VI), Sum multiply_add(Weights, Input, Sum),
//   Sum add(Sum, const void* other), void store(Sum, void* to).

struct TileInput {
    const std::uint8_t* weights;  // of the first vector's outputs
    std::size_t panel_bytes;
    const std::uint8_t* input;  // of the first instant, first tap, first input of the group
    std::size_t row;            // bytes from one output's inputs to the next one's
    std::size_t tap_row;        // bytes from tap to tap
    std::size_t first_tap, taps;
    std::size_t steps;
    void* sums;  // [instant][VECTORS × lanes]
    bool more;   // add to what is there
};

template <std::size_t COUNT, typename F>
HWY_INLINE void Unrolled(const F& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        (f(std::integral_constant<std::size_t, I>{}), ...);
    }
    (std::make_index_sequence<COUNT>{});
}

#define CLEF_INLINE __attribute__((always_inline))

// Bytes: the weights behind these are on their way while these are used, also across the end of a
// layer's panel, where the machine's own prefetchers begin anew. Past the end is no harm.
constexpr std::size_t prefetch_distance = 4096;

// INSTANTS × VECTORS sums stay in registers while weights and inputs stream by: a vector of weights
// is used for every instant, an input (in all lanes) for every vector.
template <class ARITHMETIC, std::size_t VECTORS, std::size_t INSTANTS>
void Tile(const TileInput& in) {
    const DI di;
    typename ARITHMETIC::Sum sums[INSTANTS][VECTORS];
    Unrolled<INSTANTS>([&](auto t) CLEF_INLINE {
        Unrolled<VECTORS>([&](auto v) CLEF_INLINE { sums[t][v] = ARITHMETIC::zero(); });
    });
    constexpr std::size_t pointers = (INSTANTS + 2) / 3;  // base + 0, 1, 2 rows
    const std::size_t row = in.row;
    const std::uint8_t* HWY_RESTRICT w =
        in.weights + in.first_tap * in.steps * panel_bytes_per_step;
    for (std::size_t tap = in.first_tap; tap < in.taps; ++tap) {
        const std::uint8_t* x[pointers];
        Unrolled<pointers>([&](auto p)
                               CLEF_INLINE { x[p] = in.input + tap * in.tap_row + 3 * p * row; });
        for (std::size_t step = 0; step < in.steps; ++step, w += panel_bytes_per_step) {
            typename ARITHMETIC::Weights weights[VECTORS];
            Unrolled<VECTORS>([&](auto v) CLEF_INLINE {
                constexpr std::size_t panel = v / vectors_of_panel;
                constexpr std::size_t part = v % vectors_of_panel * lanes * 4;
                const std::uint8_t* from = w + panel * in.panel_bytes + part;
                hwy::Prefetch(from + prefetch_distance);
                weights[v] =
                    ARITHMETIC::weights(hn::LoadU(di, reinterpret_cast<const std::int32_t*>(from)));
            });
            Unrolled<INSTANTS>([&](auto t) CLEF_INLINE {
                std::int32_t four;
                __builtin_memcpy(&four, x[t / 3] + t % 3 * row, 4);
                const auto input = ARITHMETIC::input(hn::Set(di, four));
                Unrolled<VECTORS>([&](auto v) CLEF_INLINE {
                    sums[t][v] = ARITHMETIC::multiply_add(weights[v], input, sums[t][v]);
                });
            });
            Unrolled<pointers>([&](auto p) CLEF_INLINE { x[p] += 4; });
        }
    }
    auto* to = static_cast<std::uint8_t*>(in.sums);
    if (in.more) {
        Unrolled<INSTANTS>([&](auto t) CLEF_INLINE {
            Unrolled<VECTORS>([&](auto v) CLEF_INLINE {
                sums[t][v] = ARITHMETIC::add(sums[t][v], to + (t * VECTORS + v) * lanes * 4);
            });
        });
    }
    Unrolled<INSTANTS>([&](auto t) CLEF_INLINE {
        Unrolled<VECTORS>([&](auto v) CLEF_INLINE {
            ARITHMETIC::store(sums[t][v], to + (t * VECTORS + v) * lanes * 4);
        });
    });
}

// A tile in pieces, whose sums are added afterwards: one float32 sum of several thousand products
// would lose more than twice as much to rounding, which the deepest encoders magnify a thousand
// times.
template <class ARITHMETIC, std::size_t VECTORS, std::size_t... I>
void TileOf(std::size_t instants, const TileInput& whole, std::index_sequence<I...>) {
    using Function = void (*)(const TileInput&);
    static constexpr Function tiles[] = {&Tile<ARITHMETIC, VECTORS, I + 1>...};
    constexpr std::size_t piece = 1024;
    TileInput in = whole;
    if (in.taps > 1) {
        const std::size_t taps_at_once = std::max<std::size_t>(1, piece / in.steps);
        do {
            in.taps = std::min(whole.taps, in.first_tap + taps_at_once);
            tiles[instants - 1](in);
            in.first_tap = in.taps;
            in.more = true;
        } while (in.taps < whole.taps);
        return;
    }
    for (std::size_t done = 0; done < whole.steps; done += piece) {
        in.steps = std::min(piece, whole.steps - done);
        tiles[instants - 1](in);
        in.weights += piece * panel_bytes_per_step;
        in.input += piece * 4;
        in.more = true;
    }
}

// Of layers with four groups of four channels to a panel: for each lane the four bytes `step` of
// its own group's inputs. Lanes [lane, lane + lanes) of the panel; `x`: the panel's first input.
class NarrowInputs {
  public:
    HWY_INLINE NarrowInputs(std::size_t lane, std::size_t step, std::size_t steps)
        : offset_((lane / 4 * steps + (lanes < 4 ? step : 0)) * 4) {
        for (std::size_t i = 0; i < lanes; ++i) {
            places_[i] = lanes < 4 ? 0 : static_cast<std::int32_t>(i / 4 * steps + step);
        }
    }
    HWY_INLINE VI operator()(const std::uint8_t* x) const {
        const DI di;
        const auto* from = reinterpret_cast<const std::int32_t*>(x + offset_);
        return hn::TableLookupLanes(hn::LoadU(di, from), hn::SetTableIndices(di, places_));
    }

  private:
    std::size_t offset_;
    alignas(64) std::int32_t places_[panel_lanes];
};

// Weights × the instants that use an input are all in registers, or next to them in the first
// cache.
template <class ARITHMETIC, std::size_t INSTANTS, std::size_t STRIDE, std::size_t TAPS>
void NarrowTile(const TileInput& in, std::size_t vector, std::size_t steps) {
    const DI di;
    typename ARITHMETIC::Sum sums[INSTANTS];
    Unrolled<INSTANTS>([&](auto t) CLEF_INLINE { sums[t] = ARITHMETIC::zero(); });
    for (std::size_t step = 0; step < steps; ++step) {
        const NarrowInputs inputs(vector * lanes, step, steps);
        const std::uint8_t* w = in.weights + vector * lanes * 4 + step * panel_bytes_per_step;
        constexpr std::size_t rows = (INSTANTS - 1) * STRIDE + TAPS;
        Unrolled<rows>([&](auto r) CLEF_INLINE {
            const auto input = ARITHMETIC::input(inputs(in.input + r * in.tap_row));
            Unrolled<INSTANTS>([&](auto t) CLEF_INLINE {
                if constexpr (r >= t * STRIDE && r < t * STRIDE + TAPS) {
                    constexpr std::size_t tap = r - t * STRIDE;
                    const auto weights = ARITHMETIC::weights(hn::LoadU(
                        di, reinterpret_cast<const std::int32_t*>(w + tap * steps *
                                                                          panel_bytes_per_step)));
                    sums[t] = ARITHMETIC::multiply_add(weights, input, sums[t]);
                }
            });
        });
    }
    auto* to = static_cast<std::uint8_t*>(in.sums) + vector * lanes * 4;
    Unrolled<INSTANTS>(
        [&](auto t) CLEF_INLINE { ARITHMETIC::store(sums[t], to + t * panel_bytes_per_step); });
}

// One instant, any kernel: the same order of sums.
template <class ARITHMETIC>
void NarrowInstant(const TileInput& in, std::size_t vector, std::size_t steps) {
    const DI di;
    auto sum = ARITHMETIC::zero();
    for (std::size_t step = 0; step < steps; ++step) {
        const NarrowInputs inputs(vector * lanes, step, steps);
        const std::uint8_t* w = in.weights + vector * lanes * 4 + step * panel_bytes_per_step;
        for (std::size_t tap = 0; tap < in.taps; ++tap, w += steps * panel_bytes_per_step) {
            sum = ARITHMETIC::multiply_add(
                ARITHMETIC::weights(hn::LoadU(di, reinterpret_cast<const std::int32_t*>(w))),
                ARITHMETIC::input(inputs(in.input + tap * in.tap_row)), sum);
        }
    }
    ARITHMETIC::store(sum, static_cast<std::uint8_t*>(in.sums) + vector * lanes * 4);
}

template <class ARITHMETIC>
void NarrowPanel(const Convolution& c, std::size_t panel, std::size_t begin, std::size_t end) {
    constexpr std::size_t together = 8;
    const RowLayer& layer = *c.layer;
    const std::size_t row = c.input_stride * layer.element();
    alignas(64) std::uint8_t sums[together * panel_bytes_per_step];
    for (std::size_t done = begin; done < end;) {
        // The last few: eight again, of which those that are new are kept.
        const bool eight = layer.kernel == 16 && layer.stride <= 2 && end >= begin + together;
        const std::size_t t = !eight ? done : std::min(done, end - together);
        const TileInput in{layer.weights.data() + panel * layer.panel_bytes(),
                           0,
                           static_cast<const std::uint8_t*>(c.input) + t * layer.stride * row +
                               panel * panel_lanes * layer.element(),
                           0,
                           row,
                           0,
                           layer.kernel,
                           layer.steps,
                           sums,
                           false};
        for (std::size_t v = 0; v < vectors_of_panel; ++v) {
            if (eight && layer.stride == 1) {
                NarrowTile<ARITHMETIC, together, 1, 16>(in, v, layer.steps);
            } else if (eight) {
                NarrowTile<ARITHMETIC, together, 2, 16>(in, v, layer.steps);
            } else {
                NarrowInstant<ARITHMETIC>(in, v, layer.steps);
            }
        }
        const std::size_t stop = eight ? t + together : t + 1;
        FinishTile(c, {sums + (done - t) * panel_bytes_per_step, panel_lanes, panel * panel_lanes,
                       panel * panel_lanes, panel_lanes, done, stop - done});
        done = stop;
    }
}

// Vectors [first, first + count) of a group's outputs over instants [begin, end), in tiles as equal
// as can be.
template <class ARITHMETIC, std::size_t VECTORS, std::size_t MOST>
void Tiles(const Convolution& c, std::size_t group, std::size_t first, std::size_t begin,
           std::size_t end) {
    const RowLayer& layer = *c.layer;
    const std::size_t row = c.input_stride * layer.element();
    const std::size_t panel = first / vectors_of_panel;
    const std::size_t lane = first * lanes;
    // Taps that lie behind each other without a space are one long one.
    const bool joined = layer.groups == 1 && row == layer.steps * 4;
    const std::size_t taps = joined ? 1 : layer.kernel;
    const std::size_t steps = joined ? layer.kernel * layer.steps : layer.steps;
    alignas(64) std::uint8_t sums[MOST * VECTORS * lanes * 4];
    const std::size_t tiles = (end - begin + MOST - 1) / MOST;
    for (std::size_t i = 0, t = begin; i < tiles; ++i) {
        const std::size_t instants = (end - t + tiles - i - 1) / (tiles - i);
        // Taps that meet nothing but padding add nothing. Of bytes padding is not zero.
        std::size_t first_tap = 0;
        std::size_t stop = taps;
        if (!joined && layer.precision != Precision::int8) {
            const std::size_t last_start = (t + instants - 1) * layer.stride;
            if (c.left > last_start) first_tap = std::min(taps, c.left - last_start);
            stop =
                std::min(taps, c.left + c.inputs - std::min(c.left + c.inputs, t * layer.stride));
        }
        TileOf<ARITHMETIC, VECTORS>(
            instants,
            {layer.weights.data() + (group * layer.panels + panel) * layer.panel_bytes() +
                 first % vectors_of_panel * lanes * 4,
             layer.panel_bytes(),
             static_cast<const std::uint8_t*>(c.input) + t * layer.stride * row +
                 group * layer.inputs_of_group() * layer.element(),
             layer.stride * row, row, first_tap, stop, steps, sums, false},
            std::make_index_sequence<MOST>{});
        FinishTile(c, {sums, VECTORS * lanes, group * layer.panels * panel_lanes + lane,
                       group * layer.outputs_of_group() + lane, layer.outputs_of_group() - lane, t,
                       instants});
        t += instants;
    }
}

template <class ARITHMETIC>
void Group(const Convolution& c, std::size_t group, std::size_t begin, std::size_t end) {
    const std::size_t vectors = (c.layer->outputs_of_group() + lanes - 1) / lanes;
    for (std::size_t v = 0; v < vectors;) {
        const std::size_t count = VectorsAtOnce(vectors - v, end - begin);
        if constexpr (many_registers) {
            if (count == 1) Tiles<ARITHMETIC, 1, 14>(c, group, v, begin, end);
            if (count == 2) Tiles<ARITHMETIC, 2, 12>(c, group, v, begin, end);
            if (count == 3) Tiles<ARITHMETIC, 3, 8>(c, group, v, begin, end);
            if (count == 4) Tiles<ARITHMETIC, 4, 6>(c, group, v, begin, end);
        } else {
            if (count == 2) Tiles<ARITHMETIC, 2, 6>(c, group, v, begin, end);
            if (count == 4) Tiles<ARITHMETIC, 4, 2>(c, group, v, begin, end);
        }
        v += count;
    }
}

template <class ARITHMETIC>
void ConvolveWith(const Convolution& c) {
    const std::size_t span = InstantsTogether(c);
    for (std::size_t begin = 0; begin < c.outputs;) {
        const std::size_t end = c.outputs - begin < span + span / 2 ? c.outputs : begin + span;
        for (std::size_t group = 0; group < c.layer->packed_groups(); ++group) {
            if (c.layer->narrow) {
                for (std::size_t panel = 0; panel < c.layer->panels; ++panel) {
                    NarrowPanel<ARITHMETIC>(c, panel, begin, end);
                }
            } else {
                Group<ARITHMETIC>(c, group, begin, end);
            }
        }
        begin = end;
    }
}

#undef CLEF_INLINE
