using System.Net;

namespace Dynospace.Router.Exchanges;

/// <summary>
/// The client's body, sent to the dyno as it comes: the HTTP client below would wait for a full buffer, and a client that waits for an
/// answer to its first part would wait for ever.
/// </summary>
internal sealed class FlushingContent : HttpContent
{
    private readonly HttpContent _body;

    public FlushingContent(HttpContent body)
    {
        _body = body;
        foreach (var (name, values) in body.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _body.CopyToAsync(new FlushingStream(stream), context, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
