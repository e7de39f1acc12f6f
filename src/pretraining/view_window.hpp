// A window of a recording as its views are cut from it: leads at the recipe's rate, filtered, not
// yet normalised. A pair of views takes one or two of its leads: only those that are asked for are
// made ready. Thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "encoder/preprocess.hpp"

namespace clef {

// Samples of one lead: its own, or those of something that outlives it.
class LeadSamples {
  public:
    explicit LeadSamples(std::vector<float> own) : own_(std::move(own)), samples_(own_) {}
    explicit LeadSamples(std::span<const float> others) : samples_(others) {}
    LeadSamples(LeadSamples&&) = default;  // a vector's samples stay where they are
    LeadSamples& operator=(LeadSamples&&) = default;
    LeadSamples(const LeadSamples&) = delete;
    LeadSamples& operator=(const LeadSamples&) = delete;

    std::span<const float> samples() const { return samples_; }

  private:
    std::vector<float> own_;
    std::span<const float> samples_;
};

class ViewWindow {
  public:
    virtual ~ViewWindow() = default;

    // Those with at least one sample that changes; at least one.
    const std::vector<std::string>& leads() const { return leads_; }
    std::size_t samples() const { return samples_; }  // of each lead
    // Those of leads(), by their places in it, in that order. What comes back lives no longer than
    // this.
    virtual std::vector<LeadSamples> filtered(std::span<const std::size_t> leads) const = 0;
    std::vector<LeadSamples> filtered() const;  // all of them

  protected:
    ViewWindow(std::vector<std::string> leads, std::size_t samples)
        : leads_(std::move(leads)), samples_(samples) {}

  private:
    std::vector<std::string> leads_;
    std::size_t samples_;
};

// Filtered before, and kept elsewhere: mapped files, say, which outlive this.
class KeptWindow : public ViewWindow {
  public:
    // rows: one per lead, all of one length.
    KeptWindow(std::vector<std::string> leads, std::vector<std::span<const float>> rows);
    std::vector<LeadSamples> filtered(std::span<const std::size_t> leads) const override;

  private:
    std::vector<std::span<const float>> rows_;
};

// Filtered when it is made.
class PreparedWindow : public ViewWindow {
  public:
    explicit PreparedWindow(const ViewWindow& window);
    std::vector<LeadSamples> filtered(std::span<const std::size_t> leads) const override;

  private:
    std::vector<LeadSamples> rows_;
};

// As it was read: filtered anew whenever it is asked.
class UnfilteredWindow : public ViewWindow {
  public:
    // `what` names the recording, or the part of one, in messages; the preprocessor outlives this.
    // InputError where every lead is flat or missing.
    UnfilteredWindow(Recording recording, const Preprocessor& preprocessor, std::string what);
    // InputError for a stretch that is too short for the recipe's filters.
    std::vector<LeadSamples> filtered(std::span<const std::size_t> leads) const override;
    using ViewWindow::filtered;

  private:
    UnfilteredWindow(std::in_place_t, Recording usable, const Preprocessor& preprocessor,
                     std::string what);

    Recording recording_;  // the usable leads alone
    const Preprocessor& preprocessor_;
    std::string what_;
};

}  // namespace clef
