using System.Net;
using System.Text;
using System.Threading.Channels;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Tests.Support;

/// <summary>.NET's own client, over HTTP/2.</summary>
internal static class Http2Client
{
    public static HttpClient For(TestRouter router) => new(new SocketsHttpHandler
    {
        SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        ConnectCallback = async (_, cancellationToken) => await new TcpDynoConnector()
            .ConnectAsync(new("", "", new(IPAddress.Loopback, router.Server.Https!.Port)), cancellationToken),
    })
    {
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public static HttpRequestMessage Post(HttpContent content) => new(HttpMethod.Post, $"https://{TestRouter.Host}/")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = content,
    };
}

/// <summary>A body of unknown length that is sent when the test says so.</summary>
internal sealed class DrippingContent : HttpContent
{
    private readonly Channel<byte[]> _parts = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when nothing more is sent, whether or not everything was.</summary>
    public Task Sent => _sent.Task;

    public async Task SendAsync(string text) =>
        await _parts.Writer.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask().Soon();

    public void End() => _parts.Writer.TryComplete();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            await stream.FlushAsync(cancellationToken);
            await foreach (var part in _parts.Reader.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(part, cancellationToken);
                await stream.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            _sent.TrySetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        End();
        base.Dispose(disposing);
    }
}
