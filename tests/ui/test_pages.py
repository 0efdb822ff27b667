"""The shell, the gallery and the pages that say what went wrong."""

import re
from types import SimpleNamespace as Thing

import pytest
from django.template.loader import render_to_string
from django.test import Client

from sihao.ui import gallery


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=True)


def reading(html: str) -> str:
    body = html.partition("<body")[2].partition(">")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()


def test_the_shell_of_an_officer(client):
    html = client.get("/gallery/form/").content.decode()

    assert re.search(r"<title>(.*?)</title>", html).group(1) == "县级审核 · “四好”商会申报评审系统"
    assert html.count("<h1>") == 1
    assert "<h1>县级审核</h1>" in html
    assert reading(html).startswith(
        "跳到正文 “四好”商会申报评审系统 2019—2020年度 示例数据 · 演练 消息 3 条未读 临江县工商业联合会 工作人员"
    )
    assert re.findall(r'<a href="#" aria-current="page">\s*<span>([^<]+)</span>', html) == ["案件"]
    assert '<form class="seat-switch" method="post" action="/account/switch/">' in html
    assert '<option value="1" selected>临江县工商业联合会 · 工作人员</option>' in html
    assert '<form method="post" action="/account/out/">' in html
    assert reading(html).endswith("认定标准为重建稿，非官方附件1 帮助 无障碍说明")


def test_the_shell_of_a_visitor_shows_no_account(client):
    html = client.get("/gallery/?shell=public").content.decode()

    assert '<body class="shell-public">' in html
    head = html.partition("<main")[0]
    assert "退出登录" not in head
    assert '<a class="btn btn-secondary btn-small" href="/account/in/">登录</a>' in head
    assert re.findall(
        r"<span>([^<]+)</span>", html.partition('class="sidebar')[2].partition("</nav>")[0]
    ) == [
        "首页",
        "认定标准",
        "认定名单",
        "证书查验",
        "登录",
    ]


def test_a_person_without_a_seat_can_sign_out():
    request = Thing(user=Thing(is_authenticated=True), path="/account/in/", get_full_path="/account/in/")
    html = render_to_string("404.html", gallery.public_shell() | {"request": request})

    assert '<form method="post" action="/account/out/">' in html
    assert "登录</a>" not in html.partition("<main")[0]


def test_one_seat_needs_no_switch():
    shell = gallery.shell() | {"seats": gallery.shell()["seats"][:1]}

    assert "seat-switch" not in render_to_string("404.html", shell)


def test_messages_are_alerts(client):
    html = client.post("/gallery/form/", {}).content.decode()

    assert '<div class="alert alert-danger" role="alert">' in html
    assert "审核意见没有提交。" in html


@pytest.mark.parametrize("path", ["/gallery/", "/gallery/?shell=public", "/gallery/form/", "/gallery/paper/"])
def test_every_page_of_the_gallery_keeps_the_policy(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert re.findall(r"\sstyle=|<style\b|\son[a-z]+=", answer.content.decode()) == []


def test_ids_are_given_once(client):
    ids = re.findall(r'\sid="([^"]+)"', client.get("/gallery/").content.decode())

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("500.html", "系统暂时不能办理"),
        ("400.html", "提交的内容不完整，系统未予受理"),
        ("403_csrf.html", "页面已过期，本次提交没有受理"),
    ],
)
def test_pages_that_must_come_out_without_context(template, words):
    html = render_to_string(template)

    assert f"<h1>{words}</h1>" in html
    assert reading(html).endswith(f"回到首页 代码{template[:3]}")


def test_not_permitted_names_the_seat_in_use():
    html = render_to_string("403.html", gallery.shell())

    assert "您正以“临江县工商业联合会 · 工作人员”的身份办理，这一身份没有相应权限。" in html
    assert "请在页面右上角切换身份后再办理" in html


def test_not_permitted_gives_the_reason_when_there_is_one():
    html = render_to_string("403.html", gallery.shell() | {"exception": "初审开始后方可办理。"})

    assert "<p>初审开始后方可办理。</p>" in html


def test_not_found_tells_a_visitor_nothing_about_jurisdiction():
    assert "地址有误，或所查内容不对外公开。" in render_to_string("404.html", gallery.public_shell())
    assert "不在“临江县工商业联合会”的管辖范围内" in render_to_string("404.html", gallery.shell())


def test_a_refused_token_shows_the_houses_page():
    answer = Client(enforce_csrf_checks=True).post("/gallery/form/", {})

    assert answer.status_code == 403
    assert "页面已过期，本次提交没有受理" in answer.content.decode()
