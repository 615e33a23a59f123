"""How many statements one request makes, told to whoever asks with a header."""

from django.db import connection


class Compteur:
    def __init__(self):
        self.nombre = 0

    def __call__(self, executer, sql, parametres, plusieurs, contexte):
        self.nombre += 1
        return executer(sql, parametres, plusieurs, contexte)


def compteur(get_response):
    def compter(request):
        if "X-Compter" not in request.headers:
            return get_response(request)
        lu = Compteur()
        with connection.execute_wrapper(lu):
            reponse = get_response(request)
        reponse["X-Requetes"] = str(lu.nombre)
        return reponse

    return compter
