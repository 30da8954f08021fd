using System.Collections.Concurrent;
using System.Text;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Proxying;

/// <summary>A small page that shows no more than the code; nothing in it comes from a client or an app.</summary>
internal static class ErrorPage
{
    private static readonly ConcurrentDictionary<RouterError, byte[]> Pages = new();

    /// <summary>
    /// Answers with the page. After an invalid request the rest of its bytes is not trusted, so the connection ends.
    /// </summary>
    /// <param name="isLast">Whether the connection ends in any case: the request's body was not read.</param>
    public static async Task WriteAsync(HttpContext context, RouterError error, bool isLast)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = error.Status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.Via = ViaValues.Response;
        if ((isLast || error.Status is 400 or 405 or 408 or 413 or 414 or 417 or 431 or 501)
            && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            response.Headers.Connection = "close";
        }

        var page = Pages.GetOrAdd(error, Render);
        response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(page, CancellationToken.None);
        }
    }

    private static byte[] Render(RouterError error) => Encoding.UTF8.GetBytes($"""
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>{Title(error)}</title></head>
        <body><h1>{Title(error)}</h1>
        <p>{Sentence(error)}</p><p><small>{error.Code ?? error.Description}</small></p></body>
        </html>

        """);

    private static string Title(RouterError error) => error switch
    {
        { Code: "H80" } => "Down for maintenance",
        { Code: "H81" } => "Nothing here yet",
        { Status: 404 } => "No such app",
        { Status: 403 } => "Not allowed",
        { Status: < 500 } => "Bad request",
        _ => "Application error",
    };

    private static string Sentence(RouterError error) => error switch
    {
        { Code: "H80" } => "This application is being worked on. Please try again later.",
        { Code: "H81" } => "Nothing has been released to this application.",
        { Status: 404 } => "There is no application at this address.",
        { Status: 403 } => "This application takes no requests from your network.",
        { Status: < 500 } => "This request could not be understood.",
        _ => "The application could not serve this request. Its owner finds the reason in the logs.",
    };
}

/// <summary>Redirects a plain request to the same URL over TLS.</summary>
internal static class HttpsRedirect
{
    private const int DefaultPort = 443;

    public static void Write(HttpContext context, RequestFacts facts, int port)
    {
        var method = context.Request.Method;
        var response = context.Response;
        response.StatusCode = HttpMethods.IsGet(method) || HttpMethods.IsHead(method)
            ? StatusCodes.Status301MovedPermanently
            : StatusCodes.Status308PermanentRedirect;
        var host = RequestHost.WithoutPort(facts.Host);
        response.Headers.Location = port == DefaultPort
            ? $"https://{host}{facts.Path}"
            : $"https://{host}:{port}{facts.Path}";
        response.Headers.Via = ViaValues.Response;
        response.ContentLength = 0;
    }
}

/// <summary>How the router names itself in Via.</summary>
internal static class ViaValues
{
    public const string Response = "1.1 dynospace";

    public static string Request(string protocol) => protocol switch
    {
        "HTTP/2" => "2.0 dynospace",
        "HTTP/1.0" => "1.0 dynospace",
        _ => "1.1 dynospace",
    };
}
