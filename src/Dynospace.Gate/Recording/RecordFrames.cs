using System.Buffers.Binary;
using System.Net.Sockets;

namespace Dynospace.Gate.Recording;

/// <summary>A message from the recorder to the keeper.</summary>
internal enum FrameKind : byte
{
    /// <summary>The process begins; the payload is 1 for a terminal or 0, then its command.</summary>
    Start = (byte)'s',

    /// <summary>Bytes of input, before the process receives them.</summary>
    Input = (byte)'i',

    /// <summary>The client's input has ended.</summary>
    InputEnded = (byte)'c',

    /// <summary>The process has ended; the payload is its exit code.</summary>
    End = (byte)'e',
}

/// <summary>The keeper's answer to each frame.</summary>
internal enum FrameAnswer : byte
{
    /// <summary>The frame is recorded.</summary>
    Kept = (byte)'k',

    /// <summary>The record is full: this input is not recorded and must not be passed on.</summary>
    Full = (byte)'f',
}

/// <summary>One message over the socket: a kind, a length of four bytes, a payload.</summary>
internal static class RecordFrames
{
    /// <summary>The longest payload.</summary>
    public const int LongestPayload = 64 * 1024;

    private const int HeaderBytes = 5;

    public static void Send(Socket socket, FrameKind kind, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        frame[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        for (var sent = 0; sent < frame.Length;)
        {
            sent += socket.Send(frame.AsSpan(sent));
        }
    }

    /// <summary>The next frame; null at the end of the connection, or if the frame is not valid.</summary>
    public static (FrameKind Kind, byte[] Payload)? Receive(Socket socket)
    {
        var header = new byte[HeaderBytes];
        if (!Fill(socket, header)
            || BinaryPrimitives.ReadInt32LittleEndian(
                header.AsSpan(1)) is not (>= 0 and <= LongestPayload and var length))
        {
            return null;
        }

        var payload = new byte[length];
        return Fill(socket, payload) ? ((FrameKind)header[0], payload) : null;
    }

    private static bool Fill(Socket socket, Span<byte> buffer)
    {
        try
        {
            while (buffer.Length > 0)
            {
                var count = socket.Receive(buffer);
                if (count == 0)
                {
                    return false;
                }

                buffer = buffer[count..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
