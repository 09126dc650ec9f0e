import pytest

from trimtab.bundle.lock.pip_settings import options_of, settings_of

BEST = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
LISTING = """\
global.index-url='https://user:secret@one.example/simple'
global.extra-index-url='https://two.example/simple\\nhttps://three.example/simple'
global.trusted-host='two.example three.example'
install.no-index='false'
global.no-index='true'
download.index-url='https://other.example/simple'
:env:.timeout='7'
not a setting
"""


def test_all_of_pips_configuration_is_told_to_uv():
    assert settings_of(options_of(LISTING, {}), {}) == BEST | {
        "UV_DEFAULT_INDEX": "https://user:secret@one.example/simple",
        "UV_INDEX": "https://two.example/simple https://three.example/simple",
        "UV_INSECURE_HOST": "two.example three.example",
        "UV_HTTP_TIMEOUT": "7",
    }


def test_the_environment_comes_before_the_files_even_without_a_pip_to_ask():
    environment = {"PIP_INDEX_URL": "https://four.example/simple", "PIP_NO_INDEX": "yes", "PIP_RETRIES": ""}
    assert options_of("", environment) == {"index-url": "https://four.example/simple", "no-index": "yes"}
    settings = settings_of(options_of(LISTING, environment), environment)
    assert (settings["UV_DEFAULT_INDEX"], settings["UV_NO_INDEX"]) == ("https://four.example/simple", "1")


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (
            {"cert": "/etc/own.pem", "client-cert": "/me.pem"},
            {"SSL_CERT_FILE": "/etc/own.pem", "SSL_CLIENT_CERT": "/me.pem"},
        ),
        ({"proxy": "http://me:word@proxy.example:8080"}, {"ALL_PROXY": "http://me:word@proxy.example:8080"}),
        ({"keyring-provider": "subprocess"}, {"UV_KEYRING_PROVIDER": "subprocess"}),
        ({"keyring-provider": "auto"}, {}),
        ({"default-timeout": "180", "retries": "2"}, {"UV_HTTP_TIMEOUT": "180", "UV_HTTP_RETRIES": "2"}),
        ({"find-links": "https://a.example/x /no/such/folder file:///none"}, {"UV_FIND_LINKS": "https://a.example/x"}),
        (
            {"find-links": "https://a.example/x https://b.example/y"},
            {"UV_FIND_LINKS": "https://a.example/x,https://b.example/y"},
        ),
        ({"extra-index-url": "file:///no/such/folder"}, {}),
        ({"constraint": "c.txt", "quiet": "1", "no-index": "0"}, {}),
    ],
)
def test_each_option_has_its_variable_or_none(options, settings):
    assert settings_of(options, {}) == BEST | settings


def test_what_is_set_for_uv_stays_under_its_old_name_too():
    options = {"index-url": "a", "extra-index-url": "https://b.example", "proxy": "p", "no-index": "1"}
    taken = {"UV_INDEX_URL": "x", "UV_INDEX": "y", "https_proxy": "z", "UV_INDEX_STRATEGY": "first-index"}
    assert settings_of(options, taken) == {"UV_NO_INDEX": "1"}
