"""Routes of one's own jobs."""

from django.urls import path

from sihao.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.JobList.as_view(), name="list"),
    path("<uuid:number>/", views.JobPage.as_view(), name="detail"),
    path("<uuid:number>/status/", views.JobStatus.as_view(), name="status"),
    path("<uuid:number>/cancel/", views.JobCancel.as_view(), name="cancel"),
    path("<uuid:number>/resume/", views.JobResume.as_view(), name="resume"),
    path("<uuid:number>/file/", views.JobDownload.as_view(), name="download"),
]
