// Format: System V ABI, chapter 4 "Object Files", https://gabi.xinuos.com/elf/
#include "compiler/codegen/elf_writer.h"

#include <cassert>
#include <cstring>
#include <elf.h>
#include <string>
#include <unordered_map>

#include "runtime/artifact/artifact.h"

namespace swage::codegen {

namespace {

/// Names one after the other, each with a zero at its end.
class StringTable {
public:
  uint32_t add(std::string_view text) {
    uint32_t offset = static_cast<uint32_t>(text_.size());
    text_.append(text);
    text_ += '\0';
    return offset;
  }
  const std::string& text() const { return text_; }

private:
  std::string text_ = std::string(1, '\0');
};

class Writer {
public:
  Writer(const DescriptorData& data, const DescriptorInput& input)
      : data_(data), module_(input.module), input_(input), target_(input.target) {}

  std::vector<char> write() {
    file_.resize(sizeof(Elf64_Ehdr));
    sections_.push_back({}); // the null section
    contents();
    relocations();
    symbols();
    finish();
    return std::move(file_);
  }

private:
  enum : uint16_t {
    kRodata = 1,
    kImage = 2,
    kNote = 3,
    kStack = 4,
    kRela = 5,
    kSymtab = 6,
    kStrtab = 7,
    kShstrtab = 8
  };

  template<class T> static std::string_view raw(const T& data) {
    return {reinterpret_cast<const char*>(std::data(data)), std::size(data) * sizeof(*std::data(data))};
  }

  Elf64_Shdr& section(uint16_t expected, const char* name, uint32_t type, uint64_t flags, uint64_t alignment,
                      std::string_view contents) {
    assert(sections_.size() == expected);
    (void)expected;
    file_.resize((file_.size() + alignment - 1) & ~(alignment - 1));
    Elf64_Shdr& header = sections_.emplace_back();
    header.sh_name = section_names_.add(name);
    header.sh_type = type;
    header.sh_flags = flags;
    header.sh_offset = file_.size();
    header.sh_size = contents.size();
    header.sh_addralign = alignment;
    file_.insert(file_.end(), contents.begin(), contents.end());
    return header;
  }

  void contents() {
    section(kRodata, ".rodata", SHT_PROGBITS, SHF_ALLOC, 16, raw(data_.bytes));
    std::vector<std::byte> pages;
    for (const ImageRun& run : data_.images) pages.insert(pages.end(), run.bytes.begin(), run.bytes.end());
    section(kImage, ".swage.image", SHT_PROGBITS, SHF_ALLOC, pages.empty() ? 1 : target_.page_size,
            raw(pages));
    abi::ArtifactNote note = {};
    note.abi_hash = abi::kHash;
    note.cpu_features_low = target_.needed_low;
    note.cpu_features_high = target_.needed_high;
    note.machine = target_.elf_machine;
    section(kNote, abi::kNoteSection.data(), SHT_NOTE, SHF_ALLOC, 4, raw(artifact::note_section(note)));
    section(kStack, ".note.GNU-stack", SHT_PROGBITS, 0, 1, {});
  }

  /// The symbol of a fixup's target and what must be added to it.
  std::pair<uint32_t, int64_t> target_of(const Fixup& fixup) {
    switch (fixup.target) {
    case Fixup::Target::function:
      return {undefined(lower::function_symbol(module_, wasm::FuncIdx{fixup.index})), 0};
    case Fixup::Target::entry: return {undefined(lower::entry_symbol(wasm::TypeIdx{fixup.index})), 0};
    case Fixup::Target::trampoline:
      return {undefined(lower::trampoline_symbol(wasm::TypeIdx{fixup.index})), 0};
    case Fixup::Target::initialiser: return {undefined(lower::kInitialiserSymbol), 0};
    case Fixup::Target::initialiser_entry: return {undefined(lower::kInitialiserEntrySymbol), 0};
    case Fixup::Target::version:
      return {undefined(lower::version_symbol(module_, input_.versioned[fixup.index],
                                              input_.levels[fixup.level].target->name)),
              0};
    case Fixup::Target::dispatch: return {undefined(lower::kDispatchSymbol), 0};
    case Fixup::Target::range_begin:
    case Fixup::Target::range_end: {
      const CodeSection& section = input_.code[fixup.index];
      uint64_t size = fixup.target == Fixup::Target::range_end ? section.size : 0;
      return {undefined(section.symbol), static_cast<int64_t>(size - section.symbol_offset)};
    }
    case Fixup::Target::image: {
      uint64_t offset = 0;
      for (uint32_t i = 0; i < fixup.index; i++) offset += data_.images[i].bytes.size();
      return {kImageSymbol, static_cast<int64_t>(offset)};
    }
    }
    return {0, 0};
  }

  void relocations() {
    Elf64_Sym image = {};
    image.st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION);
    image.st_shndx = kImage;
    Elf64_Sym descriptor = {};
    descriptor.st_name = names_.add(abi::kDescriptorSymbol);
    descriptor.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    descriptor.st_other = STV_PROTECTED; // exported, and always this one
    descriptor.st_shndx = kRodata;
    descriptor.st_size = data_.bytes.size();
    symbols_ = {Elf64_Sym{}, image, descriptor};

    uint64_t type = target_.elf_machine == EM_X86_64 ? uint64_t{R_X86_64_PC32} : uint64_t{R_AARCH64_PREL32};
    std::vector<Elf64_Rela> rows;
    for (const Fixup& fixup : data_.fixups) {
      auto [symbol, addend] = target_of(fixup);
      rows.push_back({fixup.offset, ELF64_R_INFO(uint64_t{symbol}, type), addend + fixup.offset});
    }
    Elf64_Shdr& header = section(kRela, ".rela.rodata", SHT_RELA, SHF_INFO_LINK, 8, raw(rows));
    header.sh_link = kSymtab;
    header.sh_info = kRodata;
    header.sh_entsize = sizeof(Elf64_Rela);
  }

  void symbols() {
    Elf64_Shdr& header = section(kSymtab, ".symtab", SHT_SYMTAB, 0, 8, raw(symbols_));
    header.sh_link = kStrtab;
    header.sh_info = kImageSymbol + 1; // the first global one
    header.sh_entsize = sizeof(Elf64_Sym);
    section(kStrtab, ".strtab", SHT_STRTAB, 0, 1, names_.text());
  }

  void finish() {
    uint32_t own_name = section_names_.add(".shstrtab");
    section(kShstrtab, "", SHT_STRTAB, 0, 1, section_names_.text()).sh_name = own_name;
    file_.resize((file_.size() + 7) & ~size_t{7});

    Elf64_Ehdr header = {};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_REL;
    header.e_machine = target_.elf_machine;
    header.e_version = EV_CURRENT;
    header.e_shoff = file_.size();
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<uint16_t>(sections_.size());
    header.e_shstrndx = kShstrtab;
    std::memcpy(file_.data(), &header, sizeof header);
    std::string_view headers = raw(sections_);
    file_.insert(file_.end(), headers.begin(), headers.end());
  }

  uint32_t undefined(const std::string& name) {
    auto [found, is_new] = undefined_.try_emplace(name, static_cast<uint32_t>(symbols_.size()));
    if (is_new) {
      Elf64_Sym& symbol = symbols_.emplace_back();
      symbol.st_name = names_.add(name);
      symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
      symbol.st_other = STV_HIDDEN;
    }
    return found->second;
  }

  static constexpr uint32_t kImageSymbol = 1;

  const DescriptorData& data_;
  const wasm::Module& module_;
  const DescriptorInput& input_;
  const Target& target_;
  std::vector<char> file_;
  std::vector<Elf64_Shdr> sections_;
  StringTable section_names_, names_;
  std::vector<Elf64_Sym> symbols_;
  std::unordered_map<std::string, uint32_t> undefined_;
};

} // namespace

std::vector<char> write_descriptor_object(const DescriptorData& data, const DescriptorInput& input) {
  return Writer(data, input).write();
}

} // namespace swage::codegen
