"""Addresses that need no sign-in."""

from django.urls import path

from declarations.views import announced, papers, public

app_name = "public"
urlpatterns = [
    path("", public.home, name="home"),
    path("notice/", public.notice, name="notice"),
    path("standards/", public.standards, name="standards"),
    path("standards/<slug:slug>/", public.standard, name="standard"),
    path("recognised/", public.recognised, name="recognised"),
    path("recognised/<str:number>/", public.certificate, name="certificate"),
    path("certificate/", public.check, name="check"),
    path("papers/", papers.check_paper, name="check_paper"),
    path("papers/<str:code>/", papers.paper, name="paper"),
    path("quotas/", public.quotas, name="quotas"),
    path("quotas/annex-2.xlsx", public.quotas_sheet, name="quotas_sheet"),
    path("quotas/annex-2.pdf", public.quotas_paper, name="quotas_paper"),
    path("spot-draws/", public.spot_draws, name="spot_draws"),
    path("published/<slug:slug>.json", public.published_list, name="published_list"),
    path("trail/", public.trail_heads, name="trail_heads"),
    path("trail/heads.txt", public.trail_heads_text, name="trail_heads_text"),
    path("announcement/", announced.announcement, name="announcement"),
    path("announcement/objection/", announced.objection, name="objection"),
    path("announcement/check/", announced.objection_check, name="objection_check"),
    path("stories/", announced.stories, name="stories"),
    path("stories/<str:number>/", announced.story, name="story"),
    path("stories/<str:number>/<str:digest>/", announced.story_picture, name="story_picture"),
    path("help/", public.guide, name="help"),
    path("accessibility/", public.accessibility, name="accessibility"),
]
