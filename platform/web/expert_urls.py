"""Addresses of experts: their own pages, and the administrators' list."""

from django.urls import path

from web.views import experts

urlpatterns = [
    path("experts/me/", experts.expert_me, name="expert_me"),
    path("experts/me/expertise/", experts.expertise_edit, name="expertise_edit"),
    path("experts/me/interests/new/", experts.interest_new, name="interest_new"),
    path("experts/me/interests/<uuid:public_id>/end/", experts.interest_end, name="interest_end"),
    path("administration/experts/", experts.expert_list, name="expert_list"),
    path("administration/experts/new/", experts.expert_new, name="expert_new"),
    path("administration/experts/<uuid:public_id>/end/", experts.expert_end, name="expert_end"),
]
