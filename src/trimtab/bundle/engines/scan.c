/* The numbers of JSON to FP64 or, from there, to FP32, rounded to the nearest as strtod and Python do: plain C11, and
 * nothing is allocated.
 *
 * What a caller hardly ever writes is left to the readers in Python, which know every number: more than 19 digits,
 * powers of ten beyond 27, and `-0`, which they read as the integer 0. */
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { DIGITS = 19, POWERS = 28, SMALL_POWERS = 23, BITS = 53 };

static const uint64_t FIVES[POWERS] = { /* 5 to the power of the index: the last that fits into 64 bits is 27 */
    1ull, 5ull, 25ull, 125ull, 625ull, 3125ull, 15625ull, 78125ull, 390625ull, 1953125ull, 9765625ull, 48828125ull,
    244140625ull, 1220703125ull, 6103515625ull, 30517578125ull, 152587890625ull, 762939453125ull, 3814697265625ull,
    19073486328125ull, 95367431640625ull, 476837158203125ull, 2384185791015625ull, 11920928955078125ull,
    59604644775390625ull, 298023223876953125ull, 1490116119384765625ull, 7450580596923828125ull};

static const double TENS[SMALL_POWERS] = { /* exact in FP64, as every integer up to 2**53 is: one rounding is left */
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

#ifdef __SIZEOF_INT128__
/* digits * 10**power in 64 bits and a note of what is below them, then rounded once: half to even. */
static int rounded(uint64_t digits, int64_t power, double *value)
{
    typedef unsigned __int128 wide;
    const int shift = __builtin_clzll(digits);
    int64_t exponent = power - shift; /* of two; the fives come now */
    uint64_t top, below;
    digits <<= shift;
    if (power >= 0) {
        const wide product = (wide)digits * FIVES[power];
        const uint64_t high = (uint64_t)(product >> 64);
        const int room = high ? __builtin_clzll(high) : 64;
        top = (uint64_t)(room == 64 ? product : product << room >> 64);
        below = room == 64 ? 0 : (uint64_t)(product << room);
        exponent += 64 - room;
    } else {
        const int space = __builtin_clzll(FIVES[-power]);
        const uint64_t divisor = FIVES[-power] << space;
        const wide dividend = (wide)digits << 63; /* its upper half is less than the divisor: the quotient fits */
        const uint64_t quotient = (uint64_t)(dividend / divisor);
        const int room = __builtin_clzll(quotient);
        top = quotient << room;
        below = (uint64_t)(dividend - (wide)quotient * divisor);
        exponent += space - 63 - room;
    }
    const uint64_t rest = top & 0x7FF, half = 0x400;
    const uint64_t mantissa = (top >> 11) + (rest > half || (rest == half && (below || top >> 11 & 1)));
    union { uint64_t bits; double value; } scale = {.bits = (uint64_t)(exponent + 11 + 1023) << 52};
    *value = (double)mantissa * scale.value; /* exact: far from the ends of FP64 */
    return 1;
}
#else
static int rounded(uint64_t digits, int64_t power, double *value)
{
    (void)digits, (void)power, (void)value;
    return 0;
}
#endif

static inline int is_digit(char letter) { return (unsigned char)(letter - '0') < 10; }

/* As many digits as stand there, behind those that were read; eight at a time, since a branch for each costs more than
 * the arithmetic. The first letter is the lowest byte: kernels are loaded on little-endian machines only. */
static inline const char *more_digits(const char *at, const char *end, uint64_t *digits)
{
    static const uint64_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    int count = 8;
    while (count == 8 && end - at >= 8) {
        uint64_t eight;
        memcpy(&eight, at, 8);
        eight ^= 0x3030303030303030; /* a digit is its value now, anything else is more than nine */
        const uint64_t others = (eight | (eight + 0x7676767676767676)) & 0x8080808080808080;
        count = others ? __builtin_ctzll(others) >> 3 : 8;
        if (count == 0) return at;
        eight <<= (8 - count) * 8; /* zeros ahead of them */
        eight = eight * 10 + (eight >> 8);
        const uint64_t pairs = 0x000000FF000000FF;
        eight = (eight & pairs) * 0x000F424000000064 + ((eight >> 16) & pairs) * 0x0000271000000001;
        *digits = *digits * tens[count] + (eight >> 32);
        at += count;
        if (at < end && !is_digit(*at)) return at; /* rather than by the count, which nobody can foresee */
    }
    while (at < end && is_digit(*at)) *digits = *digits * 10 + (uint64_t)(*at++ - '0');
    return at;
}

/* One number; where the text goes on behind it, NULL where it is none or one that is left to others. */
static const char *number(const char *at, const char *end, double *value)
{
    static const double signs[] = {1.0, -1.0};
    const int negative = at < end && *at == '-';
    at += negative;
    const char *const begin = at;
    uint64_t digits = 0;
    int64_t power = 0, whole = 1;
    while (at < end && is_digit(*at)) digits = digits * 10 + (uint64_t)(*at++ - '0');
    int64_t count = at - begin;
    if (count == 0 || (count > 1 && *begin == '0')) return 0;
    if (at < end && *at == '.') {
        const char *const point = ++at;
        at = more_digits(at, end, &digits);
        if (at == point) return 0;
        power = point - at, count -= power, whole = 0;
    }
    if (count > DIGITS) { /* zeros ahead of the first other digit are none of a number's own */
        for (const char *zero = begin; zero < at && (*zero == '0' || *zero == '.'); zero++) count -= *zero == '0';
        if (count > DIGITS) return 0;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const int minus = ++at < end && *at == '-';
        at += minus || (at < end && *at == '+');
        int64_t said = 0;
        const char *const first = at;
        while (at < end && is_digit(*at) && at - first < 4) said = said * 10 + (*at++ - '0');
        if (at == first || (at < end && is_digit(*at))) return 0;
        power += minus ? -said : said, whole = 0;
    }
    if (digits == 0) {
        if (negative && whole) return 0;
        *value = negative ? -0.0 : 0.0;
        return at;
    }
    if (digits <= 1ull << BITS && -SMALL_POWERS < power && power < SMALL_POWERS)
        *value = power < 0 ? (double)digits / TENS[-power] : (double)digits * TENS[power];
    else if (-POWERS >= power || power >= POWERS || !rounded(digits, power, value)) return 0;
    *value *= signs[negative]; /* no branch: nobody can foresee it */
    return at;
}

static inline const char *blank(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    return at;
}

/* `count` numbers with commas between, into places of FP32 (`single`) or FP64 that are `step` apart; where the text goes
 * on behind them and what is blank, NULL where it is anything else. */
static const char *numbers(const char *at, const char *end, int64_t count, int64_t first, int64_t step, int32_t single,
                           void *into)
{
    for (int64_t k = 0, place = first; k < count; k++, place += step) {
        double value;
        if (k) {
            if (at >= end || *at != ',') return 0;
            at++;
        }
        at = number(blank(at, end), end, &value);
        if (!at) return 0;
        if (single) {
            const float narrow = (float)value;
            if (isinf(narrow)) return 0; /* the number is too large: others say so */
            ((float *)into)[place] = narrow;
        } else ((double *)into)[place] = value;
        at = blank(at, end);
    }
    return at;
}

/* Whether the text between two places is `count` numbers, which are in `into` then. */
int32_t trimtab_scan(const char *text, int64_t begin, int64_t end, int64_t count, int32_t single, void *into)
{
    return numbers(text + begin, text + end, count, 0, 1, single, into) == text + end;
}
