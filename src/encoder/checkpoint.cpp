#include "encoder/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "encoder/safetensors.hpp"
#include "encoder/torch_file.hpp"
#include "encoder/torch_legacy.hpp"
#include "encoder/torch_zip.hpp"

namespace clef {

namespace {

constexpr std::array<std::string_view, 3> containers = {"state_dict", "model", "ecg_model"};
constexpr std::array<std::string_view, 4> prefixes = {"backbone.", "module.", "model.",
                                                      "_orig_mod."};
constexpr std::size_t most_prefixes = 4;
constexpr std::size_t most_containers = 4;
constexpr std::size_t most_tensors = 100'000;

// Length of the run of known prefixes that a name begins with.
std::size_t prefix_length(std::string_view name) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < most_prefixes; ++i) {
        const auto* found = std::find_if(prefixes.begin(), prefixes.end(), [&](auto prefix) {
            return name.substr(length).starts_with(prefix);
        });
        if (found == prefixes.end()) break;
        length += found->size();
    }
    return length;
}

// Named tensors of one container, sorted into groups.
void add_groups(Checkpoint& checkpoint, const std::string& container, StoredTensors tensors) {
    std::map<std::string, StoredTensors> groups;
    for (auto& [name, tensor] : tensors) {
        const std::size_t length = prefix_length(name);
        groups[name.substr(0, length)].insert_or_assign(name.substr(length), std::move(tensor));
    }
    for (auto& [prefix, group] : groups) {
        checkpoint.groups.push_back({container, prefix, std::move(group)});
    }
}

class Collector {
  public:
    Collector(const TorchFile& file, const std::string& source, Checkpoint& checkpoint)
        : file_(file), source_(source), checkpoint_(checkpoint) {}

    void collect(PickleIndex index, const std::string& path) {
        const PickleNode& node = file_.pickle.at(index);
        if (!is_dictionary(file_.pickle, node)) return;
        if (!open_.insert(index).second) {
            fail_input("{}: '{}' contains itself; no checkpoint does", source_, path);
        }
        if (open_.size() > most_containers) {
            fail_input("{}: containers nested more than {} deep, at '{}'", source_, most_containers,
                       path);
        }
        if (done_.insert(index).second) collect_entries(node, path);
        open_.erase(index);
    }

  private:
    void collect_entries(const PickleNode& node, const std::string& path) {
        StoredTensors tensors;
        const std::size_t first = node.kind == PickleNode::Kind::object ? 2 : 0;
        for (std::size_t i = first; i + 1 < node.items.size(); i += 2) {
            add_entry(tensors, node.items[i], node.items[i + 1], path);
        }
        for (const PickleIndex pair : pairs_of(node)) {
            const PickleNode& entry = file_.pickle.at(pair);
            if (entry.items.size() == 2) add_entry(tensors, entry.items[0], entry.items[1], path);
        }
        add_groups(checkpoint_, path, std::move(tensors));
    }

    // Python 2 wrote OrderedDict([[key, value], …]).
    std::vector<PickleIndex> pairs_of(const PickleNode& node) const {
        if (node.kind != PickleNode::Kind::object) return {};
        const PickleNode& arguments = file_.pickle.item(node, 1);
        if (arguments.items.empty()) return {};
        const PickleNode& list = file_.pickle.item(arguments, 0);
        return list.kind == PickleNode::Kind::list ? list.items : std::vector<PickleIndex>();
    }

    void add_entry(StoredTensors& tensors, PickleIndex key_index, PickleIndex value,
                   const std::string& path) {
        const PickleNode& key = file_.pickle.at(key_index);
        if (key.kind != PickleNode::Kind::string) return;
        add_tensor(tensors, key.text, file_.pickle.at(value));
        if (std::find(containers.begin(), containers.end(), key.text) != containers.end()) {
            collect(value, path.empty() ? key.text : path + "/" + key.text);
        }
    }

    void add_tensor(StoredTensors& tensors, const std::string& name, const PickleNode& node) {
        if (node.kind != PickleNode::Kind::object) return;
        if (++count_ > most_tensors) {
            fail_input("{}: more than {} tensors; no checkpoint has as many", source_,
                       most_tensors);
        }
        auto tensor = torch_tensor(file_, node, fmt::format("{}: tensor '{}'", source_, name));
        if (tensor && tensor->type) {
            tensors.insert_or_assign(name, std::move(*tensor));
        } else if (tensor) {
            ++checkpoint_.unread;
        }
    }

    const TorchFile& file_;
    const std::string& source_;
    Checkpoint& checkpoint_;
    std::set<PickleIndex> open_;
    std::set<PickleIndex> done_;
    std::size_t count_ = 0;
};

Checkpoint torch_checkpoint(const TorchFile& file, const std::string& source) {
    Checkpoint checkpoint;
    checkpoint.format = file.format;
    checkpoint.note = file.note;
    checkpoint.parts = file.parts;
    Collector(file, source, checkpoint).collect(file.pickle.root, "");
    if (checkpoint.groups.empty()) {
        fail_input(
            "{}: a {} of {}, without named tensors; expected a state dict, bare or under "
            "'state_dict', 'model' or 'ecg_model'. Save the model's state_dict() rather than the "
            "model",
            source, file.format, describe(file.pickle, file.pickle.top()));
    }
    return checkpoint;
}

}  // namespace

bool looks_like_checkpoint(std::span<const std::byte> bytes) {
    return looks_like_zip(bytes) || looks_like_safetensors(bytes) || looks_like_pickle(bytes);
}

Checkpoint read_checkpoint(std::span<const std::byte> bytes, const std::string& source) {
    if (looks_like_zip(bytes)) return torch_checkpoint(read_torch_zip(bytes, source), source);
    if (looks_like_safetensors(bytes)) {
        Checkpoint checkpoint;
        checkpoint.format = "safetensors file";
        add_groups(checkpoint, "", parse_safetensors(bytes, source).tensors);
        if (checkpoint.groups.empty()) fail_input("{}: a safetensors file of no tensors", source);
        return checkpoint;
    }
    if (looks_like_pickle(bytes)) {
        return torch_checkpoint(read_torch_legacy(bytes, source), source);
    }
    fail_input(
        "{}: neither a model file of clef (.safetensors) nor a PyTorch checkpoint (.ckpt, .pth, "
        ".pt): {} bytes of something else",
        source, bytes.size());
}

std::string place_text(const TensorGroup& group) {
    std::string text = group.container.empty() ? "" : fmt::format("under '{}'", group.container);
    if (!group.prefix.empty()) {
        text += fmt::format("{}prefix '{}'", text.empty() ? "" : ", ", group.prefix);
    }
    return text.empty() ? "bare" : text;
}

}  // namespace clef
