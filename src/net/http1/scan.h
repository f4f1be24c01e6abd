// Finds the first byte of a class, sixteen at a time where the machine can.
#pragma once

#include <bit>
#include <cstddef>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sluice::net::http1::scan {

#if defined(__SSE2__)
inline __m128i each(char byte) {
  return _mm_set1_epi8(byte);
}
inline __m128i either(__m128i a, __m128i b) {
  return _mm_or_si128(a, b);
}
#endif

// What a field value must not hold: controls but the tab. Bytes >= 0x80 are fine.
struct ControlByte {
  static bool holds(unsigned char byte) { return (byte < 0x20 && byte != '\t') || byte == 0x7f; }
#if defined(__SSE2__)
  static __m128i holds(__m128i bytes) {
    const auto low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, each(0x1f)), bytes);
    const auto not_tab = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, each('\t')), low);
    return either(not_tab, _mm_cmpeq_epi8(bytes, each(0x7f)));
  }
#endif
};

// Whatever is not visible ASCII, or the one byte given.
template <char Stop>
struct InvisibleOr {
  static bool holds(unsigned char byte) {
    return byte <= 0x20 || byte >= 0x7f || byte == static_cast<unsigned char>(Stop);
  }
#if defined(__SSE2__)
  static __m128i holds(__m128i bytes) {
    // Signed: what is above 0x7f counts as below zero.
    const auto low = _mm_cmplt_epi8(bytes, each(0x21));
    const auto del = _mm_cmpeq_epi8(bytes, each(0x7f));
    return either(either(low, del), _mm_cmpeq_epi8(bytes, each(Stop)));
  }
#endif
};
using TargetEnd = InvisibleOr<'#'>;
using NameEnd = InvisibleOr<':'>;

template <class Class>
const char* find(const char* at, const char* end) {
#if defined(__SSE2__)
  const char* const begin = at;
  for (; end - at >= 16; at += 16) {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(Class::holds(bytes)));
    if (hits != 0) return at + std::countr_zero(hits);
  }
  if (at != end && end - begin >= 16) {
    // The last sixteen once more: what is seen twice had no hit.
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(Class::holds(bytes)));
    return hits != 0 ? end - 16 + std::countr_zero(hits) : end;
  }
#endif
  while (at != end && !Class::holds(static_cast<unsigned char>(*at))) ++at;
  return at;
}

}  // namespace sluice::net::http1::scan
