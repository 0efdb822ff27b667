"""Addresses of people, seats and the trail."""

from django.urls import path

from sihao.accounts.views import account, people, rosters, seats, signing, stand_ins, trail

app_name = "accounts"
urlpatterns = [
    path("", account.account, name="account"),
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign_out"),
    path("password/", signing.change_password, name="change_password"),
    path("contact/", account.contact, name="contact"),
    path("activate/", signing.activate_by_code, name="activate_by_code"),
    path("activate/<uidb64>/<token>/", signing.Activate.as_view(), name="activate"),
    path("seat/", account.switch_seat, name="switch_seat"),
    path("seats/", seats.own_seats, name="seats"),
    path("seats/<int:pk>/end/", seats.end_seat, name="end_seat"),
    path("organisations/", seats.organisations, name="organisations"),
    path("organisations/<int:pk>/", seats.roster, name="roster"),
    path("organisations/<int:pk>/enrol/", seats.enrol, name="enrol"),
    path("organisations/<int:pk>/grant/", seats.grant, name="grant"),
    path("organisations/<int:pk>/chambers/add/", seats.add_chamber, name="add_chamber"),
    path("people/", people.people, name="people"),
    path("people/links/", people.links, name="links"),
    path("rosters/", rosters.rosters, name="rosters"),
    path("rosters/template.xlsx", rosters.template, name="roster_template"),
    path("rosters/<int:pk>/", rosters.preview, name="roster_preview"),
    path("rosters/<int:pk>/discard/", rosters.discard, name="discard_roster"),
    path("people/<int:pk>/contact/", seats.contact_of, name="contact_of"),
    path("people/<int:pk>/activation/", seats.activation, name="activation"),
    path("people/<int:pk>/reset-password/", seats.reset_password, name="reset_password"),
    path("people/<int:pk>/close/", seats.close_account, name="close_account"),
    path("stand-ins/", stand_ins.offices, name="stand_in_offices"),
    path("organisations/<int:pk>/stand-ins/", stand_ins.stand_ins, name="stand_ins"),
    path("stand-ins/<int:pk>/end/", stand_ins.end, name="end_stand_in"),
    path("trail/", trail.trail, name="trail"),
]
