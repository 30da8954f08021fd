namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>Opens connections from one place.</summary>
internal interface ICaller
{
    /// <summary>A connection; one that does not come about is a stream that ends at once.</summary>
    Task<Stream> ConnectAsync(string address, int port, CancellationToken cancellationToken);
}
