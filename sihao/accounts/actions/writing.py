"""Inserting a row so that what refuses it is said in words."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from sihao.accounts.refusals import Refusal, Refused


def save_new(row: models.Model) -> None:
    """Insert the row; what a field or a constraint refuses becomes ``Refused`` in the constraint's own words.

    The database judges first, in one statement; only when it refuses are its reasons asked for, one by one.
    """
    try:
        row.clean_fields(exclude=[field.name for field in row._meta.fields if field.is_relation])
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            row.pk = None
            row.full_clean()
            raise Refused.because("lost_race", "同样的内容刚刚已由他人登记，请刷新后查看。") from error
    except ValidationError as error:
        raise Refused(tuple(Refusal("invalid", message) for message in error.messages)) from error
