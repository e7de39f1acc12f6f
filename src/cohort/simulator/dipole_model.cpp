#include "cohort/simulator/dipole_model.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clef {

namespace {

constexpr double pi = std::numbers::pi;

enum class Wave { p, qrs, t };

struct Kernel {
    Wave wave;
    std::size_t axis;
    double phase;      // radians of the beat; the R wave is at 0
    double amplitude;  // mV
    double width;      // radians
};

// Sameni et al. 2007, Table 1; the sorting into waves is ours.
constexpr std::array<Kernel, 27> kernels = {{
    {Wave::p, 0, -1.09, 0.03, 0.0906},    {Wave::p, 0, -0.83, 0.08, 0.1057},
    {Wave::qrs, 0, -0.19, -0.13, 0.0453}, {Wave::qrs, 0, -0.07, 0.85, 0.0378},
    {Wave::qrs, 0, 0, 1.11, 0.0332},      {Wave::qrs, 0, 0.06, 0.75, 0.0302},
    {Wave::qrs, 0, 0.22, 0.06, 0.0378},   {Wave::t, 0, 1.2, 0.1, 0.604},
    {Wave::t, 0, 1.42, 0.17, 0.302},      {Wave::t, 0, 1.68, 0.39, 0.1812},
    {Wave::p, 1, -1.1, 0.035, 0.07},      {Wave::p, 1, -0.9, 0.015, 0.07},
    {Wave::p, 1, -0.76, -0.019, 0.04},    {Wave::qrs, 1, -0.11, 0.32, 0.055},
    {Wave::qrs, 1, -0.01, 0.51, 0.037},   {Wave::qrs, 1, 0.065, -0.32, 0.0604},
    {Wave::t, 1, 0.8, 0.04, 0.45},        {Wave::t, 1, 1.58, 0.08, 0.3},
    {Wave::p, 2, -1.1, -0.03, 0.03},      {Wave::p, 2, -0.93, -0.14, 0.12},
    {Wave::p, 2, -0.7, -0.035, 0.04},     {Wave::p, 2, -0.4, 0.045, 0.4},
    {Wave::qrs, 2, -0.15, -0.4, 0.045},   {Wave::qrs, 2, 0.095, 0.46, 0.05},
    {Wave::t, 2, 1.05, -0.12, 0.8},       {Wave::t, 2, 1.25, -0.2, 0.4},
    {Wave::t, 2, 1.55, -0.35, 0.2},
}};
static_assert(kernels.size() <= std::tuple_size_v<decltype(Heart::wave_gain)>);

// The table's P wave is low in the inferior leads; there this much is added (ours).
constexpr Kernel inferior_p = {Wave::p, 1, -0.93, 0.085, 0.11};

using Matrix3 = std::array<Vector3, 3>;  // rows

Matrix3 rotation(const Vector3& angles) {
    const auto [cx, cy, cz] =
        Vector3{std::cos(angles[0]), std::cos(angles[1]), std::cos(angles[2])};
    const auto [sx, sy, sz] =
        Vector3{std::sin(angles[0]), std::sin(angles[1]), std::sin(angles[2])};
    // About x, then y, then z.
    return {{{cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx},
             {sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx},
             {-sy, cy * sx, cy * cx}}};
}

Vector3 scaled(const Vector3& v, double factor) {
    return {v[0] * factor, v[1] * factor, v[2] * factor};
}

Vector3 turned(const Matrix3& m, const Vector3& v) {
    Vector3 result{};
    for (std::size_t r = 0; r < 3; ++r) {
        result[r] = m[r][0] * v[0] + m[r][1] * v[1] + m[r][2] * v[2];
    }
    return result;
}

// Adds Gaussians to a vectorcardiogram, each only where it is not negligible.
class Canvas {
  public:
    Canvas(double sampling_rate, std::size_t samples) : rate_(sampling_rate) {
        for (auto& axis : vcg) axis.assign(samples, 0.0);
    }

    void add(double centre_s, double width_s, const Vector3& amplitude) {
        constexpr double reach = 4.5;  // exp(−4.5²/2) = 4e-5
        const double count = static_cast<double>(vcg[0].size());
        const double first = std::ceil((centre_s - reach * width_s) * rate_);
        const double last = std::floor((centre_s + reach * width_s) * rate_);
        const auto begin = static_cast<std::size_t>(std::clamp(first, 0.0, count));
        const auto end = static_cast<std::size_t>(std::clamp(last + 1, 0.0, count));
        for (std::size_t i = begin; i < end; ++i) {
            const double distance = (static_cast<double>(i) / rate_ - centre_s) / width_s;
            const double height = std::exp(-distance * distance / 2);
            for (std::size_t axis = 0; axis < 3; ++axis) vcg[axis][i] += amplitude[axis] * height;
        }
    }

    Vectorcardiogram vcg;

  private:
    double rate_;
};

class BeatPainter {
  public:
    BeatPainter(const Heart& heart, Canvas& canvas)
        : heart_(heart), canvas_(canvas), tilt_(rotation(heart.tilt)) {
        const Matrix3 t_turn = rotation(heart.t_tilt);
        for (std::size_t axis = 0; axis < 3; ++axis) {
            Vector3 unit{};
            unit[axis] = 1;
            direction_[axis] = turned(tilt_, unit);
            t_direction_[axis] = turned(tilt_, turned(t_turn, unit));
        }
    }

    void paint(const Beat& beat) {
        // Within limits beyond which real hearts do not follow Bazett's root.
        stretch_ = std::sqrt(std::clamp(beat.rr_s, 0.4, 1.4));
        if (beat.kind == BeatKind::ventricular_ectopic) {
            paint_ectopic(beat);
            return;
        }
        for (std::size_t k = 0; k < kernels.size(); ++k) {
            paint_kernel(beat, kernels[k], heart_.wave_gain[k], heart_.wave_width[k]);
        }
        paint_kernel(beat, inferior_p, heart_.wave_gain.back(), heart_.wave_width.back());
        paint_st(beat.time_s, heart_.st_level_mv);
    }

  private:
    void paint_kernel(const Beat& beat, const Kernel& kernel, double gain, double width) {
        const double seconds = kernel.phase / (2 * pi);  // at one beat a second
        const double amplitude = kernel.amplitude * gain;
        width *= kernel.width / (2 * pi);
        if (kernel.wave == Wave::qrs) {
            canvas_.add(beat.time_s + seconds * heart_.qrs_stretch, width * heart_.qrs_stretch,
                        scaled(direction_[kernel.axis], amplitude * heart_.qrs_gain));
        } else if (kernel.wave == Wave::t) {
            // Half of the QRS complex's extra length delays what follows it.
            const double delay = 0.04 * (heart_.qrs_stretch - 1);
            canvas_.add(beat.time_s + delay + seconds * stretch_, width * stretch_,
                        scaled(t_direction_[kernel.axis], amplitude * heart_.t_gain));
        } else if (beat.kind != BeatKind::fibrillation) {
            // An atrial ectopic starts elsewhere: a smaller P wave, upwards from below.
            const bool ectopic = beat.kind == BeatKind::atrial_ectopic;
            const double turn = !ectopic ? 1 : kernel.axis == 1 ? -0.7 : 0.6;
            const double early = 0.04 * (heart_.qrs_stretch - 1) + heart_.pr_shift_s;
            canvas_.add(beat.time_s + seconds * std::sqrt(stretch_) - early, width,
                        scaled(direction_[kernel.axis], amplitude * turn * heart_.p_gain));
        }
    }

    // A plateau between the QRS complex and the T wave, along the left ventricle.
    void paint_st(double time_s, double level_mv) {
        const Vector3 ventricle = turned(tilt_, {0.85, 0.65, -0.1});
        const double delay = 0.04 * (heart_.qrs_stretch - 1);
        canvas_.add(time_s + delay + 0.100 * stretch_, 0.026 * stretch_,
                    scaled(ventricle, level_mv));
        canvas_.add(time_s + delay + 0.155 * stretch_, 0.034 * stretch_,
                    scaled(ventricle, level_mv));
    }

    // Wide, from muscle to muscle, with a T wave against it.
    void paint_ectopic(const Beat& beat) {
        const Vector3& to = heart_.ectopic_direction;
        const Vector3 across = {to[1], to[2], to[0]};
        const double gain = heart_.qrs_gain;
        canvas_.add(beat.time_s, 0.026, scaled(to, 1.5 * gain));
        canvas_.add(beat.time_s + 0.055, 0.024, scaled(across, 0.7 * gain));
        canvas_.add(beat.time_s - 0.045, 0.018, scaled(across, -0.25 * gain));
        canvas_.add(beat.time_s + 0.13, 0.04, scaled(to, -0.15 * gain));
        canvas_.add(beat.time_s + 0.27, 0.055, scaled(to, -0.5 * gain));
    }

    const Heart& heart_;
    Canvas& canvas_;
    Matrix3 tilt_;
    std::array<Vector3, 3> direction_{};
    std::array<Vector3, 3> t_direction_{};
    double stretch_ = 1;
};

void add_fibrillatory_waves(Vectorcardiogram& vcg, double rate, Random& random) {
    const double frequency = random.uniform(4.2, 8.5);        // Hz
    const double excursion = random.uniform(0.1, 0.35);       // of the frequency, Hz
    const double modulation_hz = random.uniform(0.08, 0.25);  // of frequency and amplitude
    const double size = 0.09 * std::exp(random.normal(0, 0.4));
    const double phase = random.uniform(0, 2 * pi);
    // Largest towards V1, over the right atrium.
    const Vector3 direction = {random.normal(-0.3, 0.15), random.normal(0.45, 0.15),
                               random.normal(-0.7, 0.15)};
    for (std::size_t i = 0; i < vcg[0].size(); ++i) {
        const double slow = 2 * pi * modulation_hz * static_cast<double>(i) / rate + phase;
        const double angle = 2 * pi * frequency * static_cast<double>(i) / rate +
                             excursion / modulation_hz * std::sin(slow);
        double saw = 0;
        for (int harmonic = 1; harmonic <= 3; ++harmonic) {
            saw += 2 / (harmonic * pi) * std::sin(harmonic * angle);
        }
        saw *= size * (1 + 0.3 * std::sin(1.7 * slow));
        for (std::size_t axis = 0; axis < 3; ++axis) vcg[axis][i] += saw * direction[axis];
    }
}

// The chest's movement changes the projection of the dipole a little.
void breathe(Vectorcardiogram& vcg, double rate, double respiration_hz, Random& random) {
    for (auto& axis : vcg) {
        const double depth = 0.05 * std::abs(random.normal());
        const double phase = random.uniform(0, 2 * pi);
        for (std::size_t i = 0; i < axis.size(); ++i) {
            const double time = static_cast<double>(i) / rate;
            axis[i] *= 1 + depth * std::sin(2 * pi * respiration_hz * time + phase);
        }
    }
}

}  // namespace

Vectorcardiogram render_dipole(const Heart& heart, const std::vector<Beat>& beats,
                               double sampling_rate, std::size_t samples, Random& random) {
    Canvas canvas(sampling_rate, samples);
    BeatPainter painter(heart, canvas);
    for (const Beat& beat : beats) painter.paint(beat);
    const bool fibrillating = std::any_of(beats.begin(), beats.end(), [](const Beat& beat) {
        return beat.kind == BeatKind::fibrillation;
    });
    if (fibrillating) add_fibrillatory_waves(canvas.vcg, sampling_rate, random);
    breathe(canvas.vcg, sampling_rate, heart.respiration_hz, random);
    return std::move(canvas.vcg);
}

}  // namespace clef
