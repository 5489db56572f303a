//! MARC's codes of countries, states and provinces, and names by which a heading's subdivision is known to be a place.

/// ISO 3166 → MARC, for the countries that have one code in both. Hong Kong and Macau are China in MARC.
const COUNTRIES: &str = "\
    AF af, AL aa, DZ ae, AS as, AD an, AO ao, AI am, AQ ay, AG aq, AR ag, AM ai, AW aw, AU at, AT au, AZ aj, \
    BS bf, BH ba, BD bg, BB bb, BY bw, BE be, BZ bh, BJ dm, BM bm, BT bt, BO bo, BA bn, BW bs, BV bv, BR bl, \
    IO bi, VG vb, BN bx, BG bu, BF uv, BI bd, KH cb, CM cm, CA xxc, CV cv, KY cj, CF cx, TD cd, CL cl, CN cc, \
    CX xa, CC xb, CO ck, KM cq, CG cf, CD cg, CK cw, CR cr, CI iv, HR ci, CU cu, CY cy, CZ xr, DK dk, DJ ft, \
    DM dq, DO dr, TL em, EC ec, EG ua, SV es, GQ eg, ER ea, EE er, ET et, SZ sq, FK fk, FO fa, FJ fj, FI fi, \
    FR fr, GF fg, PF fp, TF fs, GA go, GM gm, GE gs, DE gw, GH gh, GI gi, GR gr, GL gl, GD gd, GP gp, GU gu, \
    GT gt, GG gg, GN gv, GW pg, GY gy, HT ht, HM hm, HN ho, HK cc, HU hu, IS ic, IN ii, ID io, IR ir, IQ iq, \
    IE ie, IM im, IL is, IT it, JM jm, JP ja, JE je, JO jo, KZ kz, KE ke, KI gb, KP kn, KR ko, KW ku, KG kg, \
    LA ls, LV lv, LB le, LS lo, LR lb, LY ly, LI lh, LT li, LU lu, MO cc, MG mg, MW mw, MY my, MV xc, ML ml, \
    MT mm, MH xe, MQ mq, MR mu, MU mf, YT ot, MX mx, FM fm, MD mv, MC mc, MN mp, ME mo, MS mj, MA mr, MZ mz, \
    MM br, NA sx, NR nu, NP np, NL ne, NC nl, NZ nz, NI nq, NE ng, NG nr, NU xh, NF nx, MK xn, MP nw, NO no, \
    OM mk, PK pk, PW pw, PA pn, PG pp, PY py, PE pe, PH ph, PN pc, PL pl, PT po, PR pr, QA qa, RE re, RO rm, \
    RU ru, RW rw, BL sc, KN xd, LC xk, MF st, PM xl, VC xm, WS ws, SM sm, ST sf, SA su, SN sg, RS rb, SC se, \
    SL sl, SG si, SK xo, SI xv, SB bp, SO so, ZA sa, GS xs, SS sd, ES sp, LK ce, SD sj, SR sr, SE sw, CH sz, \
    SY sy, TW ch, TJ ta, TZ tz, TH th, TG tg, TK tl, TO to, TT tr, TN ti, TR tu, TM tk, TC tc, TV tv, UG ug, \
    UA un, AE ts, GB xxk, US xxu, UY uy, UZ uz, VU nn, VA vc, VE ve, VN vm, VI vi, WF wf, EH ss, YE ye, ZM za, \
    ZW rh, BQ ca, CW co, SX sn, XK kv";

/// Country, postal or ISO code, name, MARC's code: where MARC tells parts of a country from each other.
const REGIONS: &[(&str, &str, &str, &str)] = &[
    ("US", "AL", "Alabama", "alu"),
    ("US", "AK", "Alaska", "aku"),
    ("US", "AZ", "Arizona", "azu"),
    ("US", "AR", "Arkansas", "aru"),
    ("US", "CA", "California", "cau"),
    ("US", "CO", "Colorado", "cou"),
    ("US", "CT", "Connecticut", "ctu"),
    ("US", "DE", "Delaware", "deu"),
    ("US", "DC", "District of Columbia", "dcu"),
    ("US", "FL", "Florida", "flu"),
    ("US", "GA", "Georgia", "gau"),
    ("US", "HI", "Hawaii", "hiu"),
    ("US", "ID", "Idaho", "idu"),
    ("US", "IL", "Illinois", "ilu"),
    ("US", "IN", "Indiana", "inu"),
    ("US", "IA", "Iowa", "iau"),
    ("US", "KS", "Kansas", "ksu"),
    ("US", "KY", "Kentucky", "kyu"),
    ("US", "LA", "Louisiana", "lau"),
    ("US", "ME", "Maine", "meu"),
    ("US", "MD", "Maryland", "mdu"),
    ("US", "MA", "Massachusetts", "mau"),
    ("US", "MI", "Michigan", "miu"),
    ("US", "MN", "Minnesota", "mnu"),
    ("US", "MS", "Mississippi", "msu"),
    ("US", "MO", "Missouri", "mou"),
    ("US", "MT", "Montana", "mtu"),
    ("US", "NE", "Nebraska", "nbu"),
    ("US", "NV", "Nevada", "nvu"),
    ("US", "NH", "New Hampshire", "nhu"),
    ("US", "NJ", "New Jersey", "nju"),
    ("US", "NM", "New Mexico", "nmu"),
    ("US", "NY", "New York", "nyu"),
    ("US", "NC", "North Carolina", "ncu"),
    ("US", "ND", "North Dakota", "ndu"),
    ("US", "OH", "Ohio", "ohu"),
    ("US", "OK", "Oklahoma", "oku"),
    ("US", "OR", "Oregon", "oru"),
    ("US", "PA", "Pennsylvania", "pau"),
    ("US", "RI", "Rhode Island", "riu"),
    ("US", "SC", "South Carolina", "scu"),
    ("US", "SD", "South Dakota", "sdu"),
    ("US", "TN", "Tennessee", "tnu"),
    ("US", "TX", "Texas", "txu"),
    ("US", "UT", "Utah", "utu"),
    ("US", "VT", "Vermont", "vtu"),
    ("US", "VA", "Virginia", "vau"),
    ("US", "WA", "Washington", "wau"),
    ("US", "WV", "West Virginia", "wvu"),
    ("US", "WI", "Wisconsin", "wiu"),
    ("US", "WY", "Wyoming", "wyu"),
    ("CA", "AB", "Alberta", "abc"),
    ("CA", "BC", "British Columbia", "bcc"),
    ("CA", "MB", "Manitoba", "mbc"),
    ("CA", "NB", "New Brunswick", "nkc"),
    ("CA", "NL", "Newfoundland and Labrador", "nfc"),
    ("CA", "NS", "Nova Scotia", "nsc"),
    ("CA", "NT", "Northwest Territories", "ntc"),
    ("CA", "NU", "Nunavut", "nuc"),
    ("CA", "ON", "Ontario", "onc"),
    ("CA", "PE", "Prince Edward Island", "pic"),
    ("CA", "QC", "Quebec", "quc"),
    ("CA", "SK", "Saskatchewan", "snc"),
    ("CA", "YT", "Yukon", "ykc"),
    ("AU", "ACT", "Australian Capital Territory", "aca"),
    ("AU", "NSW", "New South Wales", "xna"),
    ("AU", "NT", "Northern Territory", "xoa"),
    ("AU", "QLD", "Queensland", "qea"),
    ("AU", "SA", "South Australia", "xra"),
    ("AU", "TAS", "Tasmania", "tma"),
    ("AU", "VIC", "Victoria", "vra"),
    ("AU", "WA", "Western Australia", "wea"),
    ("GB", "ENG", "England", "enk"),
    ("GB", "SCT", "Scotland", "stk"),
    ("GB", "WLS", "Wales", "wlk"),
    ("GB", "NIR", "Northern Ireland", "nik"),
];

/// Countries that stand as $z in headings of the Library of Congress, beside the states and provinces above.
const COUNTRY_NAMES: &str = "Argentina|Australia|Austria|Belgium|Brazil|Canada|Chile|China|Colombia|Cuba|Czech Republic|Denmark|\
    Egypt|England|Finland|France|Germany|Great Britain|Greece|Hungary|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Japan|\
    Kenya|Korea|Lebanon|Mexico|Morocco|Netherlands|New Zealand|Nigeria|Northern Ireland|Norway|Pakistan|Peru|Philippines|\
    Poland|Portugal|Puerto Rico|Romania|Russia|Russia (Federation)|Scotland|South Africa|Soviet Union|Spain|Sweden|\
    Switzerland|Syria|Taiwan|Thailand|Turkey|Ukraine|United States|Venezuela|Vietnam|Wales";

/// MARC's code of a country of ISO 3166, without the blank at its end.
pub(super) fn country_code(iso: &str) -> Option<&'static str> {
    let mut pairs = COUNTRIES.split(", ").filter_map(|pair| pair.trim().split_once(' '));
    pairs.find(|(code, _)| code.eq_ignore_ascii_case(iso)).map(|(_, marc)| marc)
}

/// MARC's code of a part of a country, from its name or abbreviation.
pub(super) fn region_code(country: &str, region: &str) -> Option<&'static str> {
    let region = region.trim().trim_end_matches('.');
    let is = |text: &str| text.eq_ignore_ascii_case(region);
    let of_country = |row: &&(&str, &str, &str, &'static str)| row.0.eq_ignore_ascii_case(country);
    REGIONS.iter().filter(of_country).find(|(_, short, name, _)| is(short) || is(name)).map(|row| row.3)
}

/// Whether a subdivision is surely a place: only those that are listed are, and all others are taken for topics.
pub(super) fn is_place(text: &str) -> bool {
    let text = text.trim().trim_end_matches('.');
    COUNTRY_NAMES.split('|').any(|name| name.trim() == text) || REGIONS.iter().any(|(_, _, name, _)| *name == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_the_codes_of_marc() {
        let check = |country: &str, region: &str, expected: Option<&str>| {
            assert_eq!(region_code(country, region).or_else(|| country_code(country)), expected, "{country} {region}");
        };
        check("US", "Colorado", Some("cou"));
        check("us", "conn.", Some("xxu"));
        check("US", "NY", Some("nyu"));
        check("AU", "nsw", Some("xna"));
        check("CA", "WA", Some("xxc"));
        check("DE", "", Some("gw"));
        check("GB", "", Some("xxk"));
        check("XX", "", None);
        check("", "", None);
    }

    #[test]
    fn each_country_stands_once_and_codes_are_two_or_three_letters() {
        let pairs: Vec<_> = COUNTRIES.split(", ").map(|pair| pair.trim().split_once(' ').unwrap()).collect();
        let codes: std::collections::BTreeSet<_> = pairs.iter().map(|(iso, _)| iso).collect();
        assert_eq!((pairs.len(), codes.len()), (245, 245));
        let fits = |code: &str| (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(pairs.iter().all(|(_, marc)| fits(marc)) && REGIONS.iter().all(|row| fits(row.3)));
        let regions: std::collections::BTreeSet<_> = REGIONS.iter().map(|row| row.3).collect();
        assert_eq!(regions.len(), REGIONS.len());
    }

    #[test]
    fn only_places_that_are_listed_are_places() {
        for (text, expected) in
            [("New Jersey", true), ("United States.", true), ("Patterson", false), ("History", false)]
        {
            assert_eq!(is_place(text), expected, "{text}");
        }
    }
}
