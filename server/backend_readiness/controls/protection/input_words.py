"""Words by which code says what it does with input: members of requests, functions that keep text, tests of it."""

from __future__ import annotations

import re

from backend_readiness.rules.signs import sign

# Members of a request object that the client fills.
CARRIES = frozenset(
    """body query params headers cookies files file args form json get_json values data GET POST FILES COOKIES META query_params
    path_params url originalUrl header param rawBody stream view_args text formData fields input request payload hostname
    Query DefaultQuery QueryArray Param Params PostForm DefaultPostForm FormValue PostFormValue QueryParam QueryParams PathValue GetHeader
    URL Form Body Header getParameter getParameterValues getHeader getQueryString getReader getInputStream getPathInfo""".split()  # noqa: SIM905
)
# In PHP a request gives input under any name (`$request->title`), except what these tell of it.
CARRIES_NOT = frozenset(
    """user session getSession ip ips getClientIp method getMethod isMethod ajax wantsJson expectsJson has hasAny filled missing hasFile
    isXmlHttpRequest server attributes getAttribute getAttributes routeIs is integer boolean float date enum getLocale getPort isSecure
    authenticate authorize fingerprint""".split()  # noqa: SIM905
)
SUPERGLOBALS = frozenset({"$_GET", "$_POST", "$_REQUEST", "$_COOKIE", "$_FILES"})
REQUEST_NAMES = frozenset({"req", "request", "ctx", "context", "_req", "_request", "r", "c"})
REQUEST_TYPE = re.compile(
    r"(?:^|[./~])(?:Request|HttpRequest|WSGIRequest|FastifyRequest|NextRequest|IncomingMessage|HTTPConnection|ServerRequestInterface"
    r"|RequestInterface|IncomingRequest|WP_REST_Request|FormRequest)\(\)$"
)
REQUEST_GLOBAL = re.compile(sign("input_words", "request_global"))
# Functions whose result is a number, a fixed form, or the program's own.
NUMERIC = frozenset(
    """int float Number parseInt parseFloat bool Boolean len UUID ObjectId hash isinstance Decimal Date BigInt toFixed isdigit index
    indexOf count hexdigest digest randomUUID uuid4 token_urlsafe now""".split()  # noqa: SIM905
)
# Functions whose result holds the text that they are given.
KEEPS = frozenset(
    """str String strip lstrip rstrip trim lower upper toLowerCase toUpperCase toString replace replaceAll split join concat format
    slice substring substr decode encode dumps loads stringify parse unquote decodeURIComponent normalize get pop list dict tuple set
    sorted filter map copy deepcopy values items keys Template render model_dump assign fromEntries entries f resolve path Path json
    get_json form text read decodeURI expandvars expanduser abspath URI Uri URL Sprintf Join valueOf File as_str to_string to_owned
    into_inner clone unwrap""".split()  # noqa: SIM905
)
LOOKS_SAFE = re.compile(sign("input_words", "looks_safe"))
# Methods that test a text against a list or a pattern.
TESTS = frozenset(
    """includes has test match fullmatch isdigit isalnum isalpha isidentifier startswith startsWith hasOwnProperty is_relative_to
    isInteger isValid indexOf HasPrefix StartsWith start_with? starts_with Contains contains matches MatchString IsMatch in_array include?
    equals preg_match""".split()  # noqa: SIM905
)
# A call that fills what its argument points to from the request.
FILLS = re.compile(
    r"^(Should|Must)?(Bind|BindJSON|BindQuery|BindUri|BindWith|BindBody|Decode|Unmarshal|BodyParser|QueryParser|ReadJSON|ParamsParser)\w*$"
)
TEXT_TYPES = re.compile(r"(?:^|[.:&])(?:String|string|str|CharSequence)\??$")
# Classes that a handler is given to work with, not to read from.
SERVICES = re.compile(
    r"(Service|Repository|Manager|Context|Handler|Client|Mediator|Logger|Factory|Provider|Store|Dao|Facade|Session|Pool|State)$"
)
ACCESSORS = re.compile(r"^(get|set|is|has|with|equals|hash_?code|to_?string|compare|builder|of|new|from|default|clone|fmt)", re.IGNORECASE)
NUMBER_TYPES = re.compile(
    r"(?:^|\.)(?:int|Int|Integer|Long|long|Short|short|Double|double|Float|Boolean|boolean|Bool|Guid|BigDecimal|decimal|DateTime|LocalDate|Instant"
    r"|[iu](?:8|16|32|64|size)|float|bool|UUID\d?|PositiveInt|NonNegativeInt|PositiveFloat|Decimal|datetime|date|Literal|ObjectId|PydanticObjectId)$"
)
