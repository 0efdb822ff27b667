"""Every form that crispy draws has the look and the words of the house."""

import re
from datetime import date

import pytest
from crispy_forms.bootstrap import (
    Accordion,
    AccordionGroup,
    Alert,
    FieldWithButtons,
    InlineRadios,
    StrictButton,
)
from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout, Submit
from django import forms

from sihao.ui.forms import HouseForm, error_lines
from sihao.ui.icons import DRAWINGS


class Opinion(HouseForm, forms.Form):
    submit_label = "提交审核意见"
    cancel_url = "/back/"
    confirm = "提交后不能再改。"

    text = forms.CharField(label="意见", max_length=10, help_text="不超过10字。", widget=forms.Textarea)
    result = forms.ChoiceField(label="结论", choices=[("a", "同意"), ("b", "退回")], widget=forms.RadioSelect)
    grounds = forms.MultipleChoiceField(
        label="原因", required=False, choices=[("x", "材料不全")], widget=forms.CheckboxSelectMultiple
    )
    score = forms.DecimalField(label="得分", max_digits=4, decimal_places=1, min_value=0, max_value=500)
    day = forms.DateField(label="日期")
    paper = forms.FileField(label="纪要")
    sure = forms.BooleanField(label="已核对")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


TAG = "{% load crispy_forms_tags %}{% crispy form %}"


def test_a_field_names_its_help_and_its_error(draw):
    html = draw(TAG, form=Opinion({"text": "一二三四五六七八九十一"}))

    assert (
        '<div class="field field-invalid" id="id_text-field"><div class="field-label"><label for="id_text">意见</label>'
        '<span class="required">必填</span></div><div class="field-control">'
        '<textarea name="text" cols="40" rows="4" maxlength="10" class="form-control" data-charcount'
        ' required aria-invalid="true" aria-describedby="id_text_helptext id_text_error" id="id_text">'
        "一二三四五六七八九十一</textarea>"
        '<p class="field-help" id="id_text_helptext">不超过10字。</p>'
        f'<p class="field-error" id="id_text_error">{DRAWINGS["stop"]}<span>不超过10字，现为11字。</span></p>'
    ) in html


def test_the_summary_lists_every_error_and_leads_to_its_field(draw):
    html = draw(TAG, form=Opinion({"score": "501", "day": "昨天"}))
    summary = re.search(r"<ul>(.*?)</ul>", html).group(1)

    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>', summary) == [
        ("#id_text", "请填写意见。"),
        ("#id_result_0", "请选择结论。"),
        ("#id_score", "得分：不得大于500。"),
        ("#id_day", "请填写有效的日期，如2020-10-15。"),
        ("#id_paper", "请上传纪要。"),
        ("#id_sure", "请确认并勾选“已核对”。"),
    ]
    for target, _ in re.findall(r'<a href="#([^"]+)">([^<]+)</a>', summary):
        assert html.count(f'id="{target}"') == 1


def test_an_unsent_form_has_no_summary(draw):
    assert "error-summary" not in draw(TAG, form=Opinion())
    assert error_lines(Opinion()) == []


def test_the_form_sends_itself_with_token_and_files(draw):
    html = draw(TAG, form=Opinion(), csrf_token="t0ken")

    assert html.startswith(
        '<form enctype="multipart/form-data" novalidate method="post">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="t0ken">'
    )
    assert html.endswith(
        '<div class="form-actions">'
        '<button class="btn btn-primary" type="submit" data-confirm="提交后不能再改。">提交审核意见</button>'
        '<a class="btn btn-link" href="/back/">返回</a></div></form>'
    )
    assert html.count('type="hidden" name="token"') == 1


def test_choices_are_grouped_under_their_label(draw):
    html = draw(TAG, form=Opinion({"result": "b"}))

    assert (
        '<div class="field" id="id_result-field" role="group" aria-labelledby="id_result-label">'
        '<div class="field-label"><span class="label" id="id_result-label">结论</span>'
        '<span class="required">必填</span></div>'
        '<div class="field-control"><div class="checks"><div class="form-check">'
        '<input type="radio" name="result" value="a" id="id_result_0" required class="form-check-input">'
        '<label class="form-check-label" for="id_result_0">同意</label></div><div class="form-check">'
        '<input type="radio" name="result" value="b" id="id_result_1" required checked class="form-check-input">'
        '<label class="form-check-label" for="id_result_1">退回</label></div></div></div></div>'
    ) in html


def test_days_use_the_browsers_picker(draw):
    html = draw(TAG, form=Opinion(initial={"day": date(2020, 10, 15)}))

    assert (
        '<input type="date" name="day" value="2020-10-15" class="form-control control-date" required id="id_day">'
        in html
    )


class Own(HouseForm, forms.Form):
    name = forms.CharField(label="名称", error_messages={"required": "名称不能空着。"})


def test_words_chosen_by_a_form_stay():
    assert Own({}).errors["name"] == ["名称不能空着。"]


class Laid(HouseForm, forms.Form):
    submit_label = ""
    a = forms.CharField(label="甲", required=False)
    b = forms.ChoiceField(label="乙", choices=[("1", "一")], widget=forms.RadioSelect, required=False)
    c = forms.CharField(label="丙", required=False)

    def layout(self):
        return Layout(
            Fieldset("一组", Field("a", css_class="wide")),
            Accordion(AccordionGroup("更多", InlineRadios("b"))),
            FieldWithButtons("c", StrictButton("查找", type="submit")),
            Div(HTML("<p>说明</p>"), Alert("注意"), css_class="stack"),
            Submit("save", "保存"),
        )


def test_the_layout_objects_of_the_pack(draw):
    html = draw(TAG, form=Laid())

    assert (
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
        == "一组 甲 更多 乙 一 丙 查找 说明 注意 保存"
    )
    assert '<fieldset class="fieldset"><legend>一组</legend>' in html
    assert '<details class="fold" open><summary>更多</summary>' in html
    assert html.endswith(
        '<button type="submit" name="save" value="保存" class="btn btn-primary" id="submit-id-save">保存</button>'
        "</form>"
    )


def test_the_filter_draws_fields_inside_a_form_of_ones_own(draw):
    html = draw("{% load crispy_forms_tags %}<form>{{ form|crispy }}</form>", form=Own({}))

    assert "<form><section" in html
    assert "名称不能空着。" in html


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_a_form_that_posts_carries_the_token(draw, method):
    class Search(HouseForm, forms.Form):
        form_method = method
        q = forms.CharField(label="名称", required=False)

    assert ("csrfmiddlewaretoken" in draw(TAG, form=Search(), csrf_token="t")) == (method == "post")
