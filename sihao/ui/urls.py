"""The gallery of all parts, for those who build pages."""

from django.urls import path

from sihao.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.Gallery.as_view(), name="gallery"),
    path("form/", views.Form.as_view(), name="form"),
    path("paper/", views.Paper.as_view(), name="paper"),
]
