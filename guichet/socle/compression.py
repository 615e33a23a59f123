"""What is text leaves compressed; pictures and what is compressed already leave as they are."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip

TEXTES = (
    "text/html",
    "text/css",
    "text/plain",
    "text/javascript",
    "text/calendar",
    "application/json",
    "application/xml",
    "application/rss+xml",
    "image/svg+xml",
)


def accepte_gzip(request: HttpRequest) -> bool:
    return bool(re_accepts_gzip.search(request.headers.get("Accept-Encoding", "")))


class CompressionMiddleware(GZipMiddleware):
    """Django's, for texts alone: it would compress a scanned letter again, for nothing.

    Tokens of forms are masked anew in each page, and each answer is given a random length: what BREACH
    measures says nothing. Static files of a city's server are compressed once, when they are collected.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        genre = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if response.status_code != 200 or genre not in TEXTES:
            return response
        return super().process_response(request, response)
