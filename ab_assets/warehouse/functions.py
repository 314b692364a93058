"""The functions our SQL may call.

What belongs here: the allow-list both engines answer alike (translated where their names or
rules differ), and for well-known functions outside it the reason. What does not: how one is
translated.
"""

_AGGREGATES = """
any_value avg bitmap_union_int corr count count_if covar_pop covar_samp group_concat max max_by
min min_by percentile_cont percentile_disc stddev_pop stddev_samp sum var_pop var_samp
"""
_WINDOW_FUNCTIONS = """
dense_rank first_value lag last_value lead ntile rank row_number
"""
_CONDITIONS = """
coalesce if ifnull nullif nvl
"""
_NUMBERS = """
abs ceil ceiling exp floor greatest least ln log log10 log2 mod pow power round sign sqrt
truncate
"""
_TEXT = """
char_length concat concat_ws conv ends_with instr left length locate lower lpad ltrim md5
null_or_empty regexp_extract regexp_replace repeat replace reverse right rpad rtrim
split_part starts_with substr substring trim upper
"""
_TIMES = """
convert_tz date date_add date_diff date_format date_sub date_trunc datediff day dayofmonth
dayofweek dayofweek_iso dayofyear days_add days_diff days_sub hour hours_add hours_diff
hours_sub last_day microseconds_add microseconds_sub milliseconds_diff minute minutes_add
minutes_diff minutes_sub month months_add months_diff months_sub quarter second seconds_add
seconds_diff seconds_sub timestampdiff to_date weekofyear weeks_add weeks_diff weeks_sub
year years_add years_diff years_sub
"""
_JSON = """
get_json_bool get_json_double get_json_int get_json_string json_object json_query parse_json
"""

AGGREGATES = frozenset(_AGGREGATES.split())
WINDOW_FUNCTIONS = frozenset(_WINDOW_FUNCTIONS.split())
SCALARS = frozenset(" ".join([_CONDITIONS, _NUMBERS, _TEXT, _TIMES, _JSON]).split())
GROUPING = frozenset(["grouping", "grouping_id"])
PORTABLE = AGGREGATES | WINDOW_FUNCTIONS | SCALARS | GROUPING

_NOT_REPEATABLE = "its answer changes from run to run; pass the value as a bind"
_APPROXIMATE = "the engines approximate differently; use count(DISTINCT …) or percentile_cont"
_SESSION_ZONE = "it depends on the session's time zone; use seconds_diff(x, '1970-01-01 00:00:00')"
_SAMPLE_OR_POPULATION = "it does not say whether of a sample; write {0}_samp or {0}_pop"

REASONS = {
    **dict.fromkeys(
        [
            "now",
            "current_timestamp",
            "current_date",
            "current_time",
            "curdate",
            "curtime",
            "localtime",
            "localtimestamp",
            "utc_date",
            "utc_time",
            "utc_timestamp",
            "rand",
            "random",
            "uuid",
            "uuid_numeric",
            "sleep",
        ],
        _NOT_REPEATABLE,
    ),
    **dict.fromkeys(
        [
            "approx_count_distinct",
            "ndv",
            "hll_union_agg",
            "percentile_approx",
            "percentile_approx_weighted",
        ],
        _APPROXIMATE,
    ),
    **dict.fromkeys(["unix_timestamp", "from_unixtime", "to_timestamp"], _SESSION_ZONE),
    **dict.fromkeys(["std", "stddev"], _SAMPLE_OR_POPULATION.format("stddev")),
    **dict.fromkeys(["variance"], _SAMPLE_OR_POPULATION.format("var")),
    "week": "its first week differs between the engines; use weekofyear",
    "weekday": "its first day differs between the engines; use dayofweek_iso",
    "median": "use percentile_cont(x, 0.5)",
    "str_to_date": "use CAST(text AS DATE) or CAST(text AS DATETIME)",
    "str2date": "use CAST(text AS DATE)",
    "timestampadd": "use date_add(time, INTERVAL n DAY)",
    "adddate": "use date_add(time, INTERVAL n DAY)",
    "subdate": "use date_sub(time, INTERVAL n DAY)",
    "bool_or": "use max(if(condition, 1, 0))",
    "bool_and": "use min(if(condition, 1, 0))",
    "sum_if": "use sum(if(condition, x, 0))",
    "countif": "use count_if",
    "array_agg": "arrays differ between the engines; use group_concat or keep the rows",
    "element_at": "maps and arrays differ between the engines; use get_json_string on JSON",
    "array_slice": "arrays differ between the engines",
    "window_funnel": "write one conditional min(time) for each step",
    "retention": "use a column per day: max(if(…, 1, 0))",
    "string_agg": "use group_concat(x ORDER BY y SEPARATOR ',')",
    "json_extract": "use get_json_string, get_json_int or get_json_double",
}
