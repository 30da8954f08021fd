using System.Buffers;
using Dynospace.Router.Wire;

namespace Dynospace.Router.Proxying;

/// <summary>
/// After an upgrade: passes bytes both ways, without parsing them, until either side ends. A client that leaves ends
/// its tunnel, which is not an error.
/// </summary>
internal static class Tunnel
{
    private const int Portion = 16 * 1_024;

    /// <param name="clientLeft">Cancelled when the client's connection ends.</param>
    /// <exception cref="RequestFailedException">The dyno's connection broke or was ended.</exception>
    public static async Task RunAsync(Stream client, Visit visit, DynoConnection dyno, CancellationToken clientLeft)
    {
        visit.Response.Stream = client;
        using var stop = new CancellationTokenSource();
        var up = UpAsync(client, visit.Exchange, dyno, stop.Token);
        var down = DownAsync(visit, dyno);
        await Task.WhenAny(up, down);
        visit.Exchange.Disconnect();
        await stop.CancelAsync();
        var isEndedByClient = await up;
        try
        {
            await down;
        }
        catch (RequestFailedException) when (isEndedByClient
            || (clientLeft.IsCancellationRequested && visit.Exchange.Verdict is null))
        {
            // A consequence of the client's leaving.
        }
    }

    /// <summary>Passes bytes from client to dyno; true if the client ended the tunnel.</summary>
    private static async Task<bool> UpAsync(
        Stream client, Exchange exchange, DynoConnection dyno, CancellationToken stop)
    {
        while (true)
        {
            byte[]? buffer = null;
            try
            {
                // A tunnel is idle most of the time: it holds no buffer until there are bytes to read.
#pragma warning disable CA2022 // Waits for bytes, and reads none.
                await client.ReadAsync(Memory<byte>.Empty, stop);
#pragma warning restore CA2022
                buffer = ArrayPool<byte>.Shared.Rent(Portion);
                var count = await client.ReadAsync(buffer, stop);
                if (count == 0)
                {
                    return true;
                }

                if (!await TryWriteAsync(dyno, buffer.AsMemory(0, count), exchange.Progress))
                {
                    return false;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return false;
            }
            catch (Exception e) when (DynoConnection.IsEnd(e))
            {
                return true;
            }
            finally
            {
                if (buffer is not null)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
    }

    private static async ValueTask<bool> TryWriteAsync(
        DynoConnection dyno, ReadOnlyMemory<byte> bytes, ExchangeProgress progress)
    {
        try
        {
            await dyno.WriteAsync(bytes, progress);
            return true;
        }
        catch (Exception e) when (DynoConnection.IsEnd(e))
        {
            return false;
        }
    }

    private static async Task DownAsync(Visit visit, DynoConnection dyno)
    {
        do
        {
            if (dyno.Available is { IsEmpty: false } bytes)
            {
                await visit.Response.WriteAsync(bytes);
                dyno.Take(bytes.Length);
            }
        }
        while (await dyno.ReadAsync(visit.Exchange.Progress) > 0);
    }
}
